// SPDX-License-Identifier: Apache-2.0
/** What a vmexit's reason says, whoever made the processor. */

/**
 * The classes of exit reasons, a closed set, with what each means. Questions and findings speak of
 * classes, so that they hold for every vendor.
 */
export const reasonClasses = {
  fault: "the second-level page table does not map the access, or not for this kind of access",
  exception: "the guest raised an exception that the host wants to see; with shadow paging #PF",
  interrupt: "something interrupted the host, which may then do other work than this guest's",
  window: "the guest can take an interrupt that was kept for it",
  halt: "the guest has nothing to do: others run meanwhile",
  pause: "the guest spins while it waits for another of its virtual CPUs",
  io: "an access to an I/O port",
  hypercall: "the guest called its hypervisor",
  msr: "a model-specific register was read or written",
  cpuid: "CPUID, which the host answers",
  apic: "an access to the virtual interrupt controller that the processor cannot finish alone",
  emulation: "an instruction that the host carries out: control and debug registers, descriptor " +
    "tables, caches, time stamps and the like",
  nested: "an instruction with which the guest would run guests of its own",
  other: "none of these: shutdowns, failures to enter the guest, system management",
} as const;
/** The name of a class. */
export type ReasonClass = keyof typeof reasonClasses;

/** Kinds of second-level translation: in hardware, or by page tables that the host shadows. */
export type Paging = "nested" | "shadow";

/** A reason for leaving a guest. */
export interface Reason {
  /** As the processor gives it. */
  code: number;
  /** The manual's name. */
  name: string;
  /** What kind of reason it is. */
  class: ReasonClass;
  /** The kind of paging whose second-level faults come with this reason. */
  faultOf?: Paging;
}

/** Exit reasons of one class. `names` by code. */
export function ofClass(kind: ReasonClass, names: Readonly<Record<number, string>>): Reason[] {
  return Object.entries(names).map(([code, name]) => ({ code: Number(code), name, class: kind }));
}
