// SPDX-License-Identifier: Apache-2.0
import type { Workload } from "../workload.ts";

const workload: Workload = {
  title: "Guests that check every page they use, and change what is in it, while KSM merges",
  standsFor:
    "A guest under fire: each page's content is known by a checksum, pages change all the " +
    "time between contents that other guests have too and contents that nobody else has, and " +
    "each read is compared.",
  doesNotStandFor: "Any real program. It is here to find memory that is not what it should be; " +
    "its exits and times say nothing about guests in practice.",
  artefacts: "What it reports as its checksum is the number of pages that held what they should.",
  parameters: {
    pages: {
      description: "Pages in use",
      unit: "pages",
      minimum: 64,
      maximum: 200_000,
      default: 4096,
    },
    contents: {
      description: "Contents that pages of all guests have in common",
      unit: "contents",
      minimum: 1,
      maximum: 4096,
      default: 64,
    },
  },
};

export default workload;
