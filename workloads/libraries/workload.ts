// SPDX-License-Identifier: Apache-2.0
import type { Workload } from "../workload.ts";
import packages from "./packages.lock.json" with { type: "json" };
import type { LockedDeb } from "../../debian/debian.ts";

const workload: Workload = {
  title: "Guests that map the same shared libraries and walk their pages",
  standsFor: "Guests whose programs load the same Debian libraries: text and read-only data come " +
    "from the page cache and are equal everywhere; relocated data is private and, with address-" +
    "space randomisation, differs from guest to guest.",
  doesNotStandFor: "Programs that use a small part of a library: here each page is visited, in " +
    "random order. Symbols are not resolved, so pages that only symbol relocations would make " +
    "private stay shared.",
  artefacts:
    "The first touch of a page in a round also takes the guest's own TLB misses; they are " +
    "the same in both arms. largest_kib leaves out libraries by their size, so a small set also has " +
    "less text for each page of data.",
  parameters: {
    largest_kib: {
      description: "Libraries up to this size are mapped; 256 leaves a small set",
      unit: "KiB",
      minimum: 32,
      maximum: 65536,
      default: 65536,
    },
  },
  disk: {
    packages: packages as LockedDeb[],
    include: /^(usr\/)?lib\/x86_64-linux-gnu\/[^/]+\.so[.0-9]*$/,
  },
};

export default workload;
