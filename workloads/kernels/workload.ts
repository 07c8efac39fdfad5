// SPDX-License-Identifier: Apache-2.0
import type { Workload } from "../workload.ts";

const workload: Workload = {
  title: "Guests of one kernel that make a broad mix of system calls",
  standsFor:
    "Many small guests of one image, busy with ordinary system calls: what they share is " +
    "the kernel's text and read-only data, and memory that their kernels hold for processes.",
  doesNotStandFor:
    "Guests that run services: there is no network traffic, and no program but the one that makes " +
    "the calls. The lab's own guest kernels are small; a distribution's, of whose text a smaller part " +
    "is used, and different builds side by side are a matter of the factor guest_kernel.",
  artefacts: "A touch is a system-call family, not a page: how many pages it visits is not known " +
    "to the guest. Families that fork or map memory use fresh pages, which are written first and " +
    "therefore appear as write faults.",
  parameters: {
    object_pages: {
      description: "Pages of kernel memory (tmpfs) with the same content in each guest",
      unit: "pages",
      minimum: 1,
      maximum: 65536,
      default: 512,
    },
    pipes: {
      description: "Pipes filled with the same content in each guest, 16 pages each",
      unit: "pipes",
      minimum: 0,
      maximum: 64,
      default: 16,
    },
  },
};

export default workload;
