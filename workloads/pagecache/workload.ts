// SPDX-License-Identifier: Apache-2.0
import type { Workload } from "../workload.ts";
import packages from "./packages.lock.json" with { type: "json" };
import type { LockedDeb } from "../../debian/debian.ts";

const workload: Workload = {
  title: "Guests that read the same files into their page caches and read them again",
  standsFor: "Guests with the same data sets on their disks: web roots, fonts, dictionaries, " +
    "interpreters' modules. The files are real and come from a virtio-blk disk.",
  doesNotStandFor: "Data that changes on disk, or a cache under pressure: everything fits.",
  artefacts: "The disk is read-only, so what rewrite changes are copies of every few files on " +
    "tmpfs. They are page cache too, and within one guest equal to the pages they were copied " +
    "from: KSM merges these pairs even in a single guest. With held_as all files are copies in one " +
    "archive, which begins with a few bytes of each guest's own if shift_bytes is set: then no page of " +
    "it is equal to another guest's, by construction.",
  parameters: {
    copy_every: {
      description: "Every how manieth file also gets a writable copy",
      unit: "files",
      minimum: 1,
      maximum: 1000,
      default: 4,
    },
    held_as: {
      description:
        "0: pages of the disk's cache; 1: copies in one archive; 2: compressed copies in one",
      unit: "kind",
      minimum: 0,
      maximum: 2,
      default: 0,
    },
    shift_bytes: {
      description: "In an archive: by how much more each guest's files are shifted in their pages",
      unit: "bytes",
      minimum: 0,
      maximum: 4095,
      default: 0,
    },
  },
  disk: {
    packages: packages as LockedDeb[],
    include: /^usr\/share\/(fonts|dict|perl\/[^/]+\/(?!Unicode)[A-Z])/,
  },
};

export default workload;
