// SPDX-License-Identifier: Apache-2.0
import type { Workload } from "../workload.ts";

const workload: Workload = {
  title: "Instances that each build the same table for themselves, and have data of their own",
  standsFor:
    "Any program that runs several times on one host and computes or loads the same data each " +
    "time: workers of an interpreter with the same modules, servers with the same index. It can " +
    "run in guests or, with `carrier`, as plain processes of the host.",
  doesNotStandFor: "Programs that share through fork(2): their pages are one page from the " +
    "beginning. Nor the memory of a real program's heap, of which a part is never equal.",
  artefacts:
    "How much is equal is a parameter, so the memory saved is no finding about programs; " +
    "what it costs to save it is. With carrier=mapping the first process pays for building the " +
    "table, and pages once written stay private for good. Instances load one after the other.",
  processes: true,
  parameters: {
    pages: {
      description: "Pages of each instance",
      unit: "pages",
      minimum: 16,
      maximum: 200_000,
      default: 2048,
    },
    own_permille: {
      description: "Share of them that holds data of its own",
      unit: "permille",
      minimum: 0,
      maximum: 900,
      default: 250,
    },
  },
};

export default workload;
