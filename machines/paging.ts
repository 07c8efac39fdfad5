// SPDX-License-Identifier: Apache-2.0
/** The ways in which a host maps its guests' memory: each needs a processor that has it, and so an emulator. */
import type { Vendor } from "./machine.ts";
import type { Paging } from "./reason.ts";

/** Emulators, by the names that they are called by. */
export type EmulatorName = "QEMU" | "Bochs";

/** One of these ways. */
export interface PagingMode {
  /** Whose virtualization it is. */
  vendor: Vendor;
  /** By second-level page tables in hardware, or by page tables that the host shadows. */
  paging: Paging;
  /** What emulates such a processor. */
  emulator: EmulatorName;
  /** What the host's kernel is told, on its command line. */
  kernelParameters: readonly string[];
  /** One phrase. */
  says: string;
}

const svm = { vendor: "svm", emulator: "QEMU" } as const;
const vmx = { vendor: "vmx", emulator: "Bochs" } as const;
const nested = { paging: "nested" } as const;
const shadow = { paging: "shadow" } as const;

/** All of them by name. Parameters of the first two are in the identity of every trial that there is. */
export const pagingModes = {
  npt: { ...svm, ...nested, kernelParameters: ["kvm_amd.npt=1"], says: "AMD's nested paging" },
  shadow: {
    ...{ ...svm, ...shadow, kernelParameters: ["kvm_amd.npt=0"] },
    says: "shadow paging on AMD",
  },
  ept: {
    ...{ ...vmx, ...nested, kernelParameters: ["kvm_intel.ept=1", "kvm_intel.eptad=1"] },
    says: "Intel's extended page tables",
  },
  "ept-noad": {
    ...{ ...vmx, ...nested, kernelParameters: ["kvm_intel.ept=1", "kvm_intel.eptad=0"] },
    says: "the same without accessed and dirty bits",
  },
  "shadow-vmx": {
    ...{ ...vmx, ...shadow, kernelParameters: ["kvm_intel.ept=0"] },
    says: "shadow paging on Intel",
  },
  "npt-bochs": {
    ...{ vendor: "svm", emulator: "Bochs", ...nested, kernelParameters: ["kvm_amd.npt=1"] },
    says: "AMD's nested paging, in the other emulator",
  },
} as const satisfies Record<string, PagingMode>;

/** Name of one of them. */
export type PagingName = keyof typeof pagingModes;

/** All names, in order. */
export const pagingNames = Object.keys(pagingModes) as PagingName[];

/** Whether a trial's second-level page tables are shadows of its guests' own. */
export function isShadowPaging(mmu: unknown): boolean {
  return pagingNames.some((name) => name === mmu && pagingModes[name].paging === "shadow");
}
