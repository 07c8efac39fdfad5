// SPDX-License-Identifier: Apache-2.0
/**
 * What VMX says of an access that the extended page tables do not allow: the exit qualification. KVM
 * records that where it records its own error code on the other vendor's processors
 * (handle_ept_violation, arch/x86/kvm/vmx/vmx.c).
 */
import { faultCode } from "./pages.ts";

/** Bits of the exit qualification of an EPT violation: Intel SDM vol. 3, "Exit
 * Qualification for EPT Violations", by number. */
export const QUALIFICATION_BITS = {
  read: 0,
  /** With accessed and dirty bits, walks of the guest's page table are writes: both bits are set. */
  write: 1,
  fetch: 2,
  /** What the entry that was found allows. */
  readable: 3,
  writable: 4,
  executable: 5,
  /** There is an address of the guest's own. */
  linearAddress: 7,
  /** The access was to where that address leads; else to a page table on the way. */
  translated: 8,
  /** The NMI's IRET was being executed. */
  unblocksNmi: 12,
} as const;

type QualificationBit = keyof typeof QUALIFICATION_BITS;

/** KVM's error code of an EPT violation, made of its qualification as KVM makes it. */
export function errorCodeOfQualification(qualification: number): number {
  const has = (bit: QualificationBit) => (qualification >>> QUALIFICATION_BITS[bit] & 1) === 1;
  const present = has("readable") || has("writable") || has("executable");
  return faultCode(
    ...present ? ["present"] as const : [],
    ...has("write") ? ["write"] as const : [],
    ...has("read") ? ["user"] as const : [],
    ...has("fetch") ? ["fetch"] as const : [],
    has("translated") ? "guestFinal" : "guestPageTable",
  );
}

/** A qualification whose bits are those named, and no others. */
export function qualificationOf(...bits: QualificationBit[]): number {
  return bits.reduce((code, bit) => code + 2 ** QUALIFICATION_BITS[bit], 0);
}
