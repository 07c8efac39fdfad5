// SPDX-License-Identifier: Apache-2.0
import type { Workload } from "../../../workloads/workload.ts";

const workload: Workload = {
  title: "Guests that die in all kinds of ways, for tests",
  standsFor: "What goes wrong with a guest.",
  doesNotStandFor: "Anything that is measured.",
  artefacts: "None of its numbers mean anything.",
  parameters: {
    fault: {
      description: "What goes wrong, see ../faults.ts",
      unit: "fault",
      minimum: 0,
      maximum: 99,
      default: 0,
    },
  },
};

export default workload;
