import type { Workload } from "../workload.ts";
import packages from "./packages.lock.json" with { type: "json" };
import type { LockedDeb } from "../../support/debian.ts";

const workload: Workload = {
  title: "Guests that read the same files into their page caches and read them again",
  standsFor: "Guests with the same data sets on their disks: web roots, fonts, dictionaries, " +
    "interpreters' modules. The files are real and come from a virtio-blk disk.",
  doesNotStandFor: "Data that changes on disk, or a cache under pressure: everything fits.",
  artefacts: "The disk is read-only, so what rewrite changes are copies of every few files on " +
    "tmpfs. They are page cache too, and within one guest equal to the pages they were copied " +
    "from: KSM merges these pairs even in a single guest.",
  parameters: {
    copy_every: {
      description: "Every how manieth file also gets a writable copy",
      unit: "files",
      minimum: 1,
      maximum: 1000,
      default: 4,
    },
  },
  disk: {
    packages: packages as LockedDeb[],
    include: /^usr\/share\/(fonts|dict|perl\/[^/]+\/(?!Unicode)[A-Z])/,
  },
};

export default workload;
