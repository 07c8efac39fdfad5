// SPDX-License-Identifier: Apache-2.0
/** Pages and page-table entries of x86-64, and what KVM and its faults say of them. */

export const PAGE_BYTES = 4096;
/** Entries of a page table: so many small pages are a huge one. */
export const TABLE_ENTRIES = 512;
/** Size of an entry of a page table. */
export const ENTRY_BYTES = 8;

/** Bits of a page-table entry, the processor's: Intel SDM vol. 3, table 4-20. */
export const ENTRY_BITS = {
  present: 1 << 0,
  writable: 1 << 1,
  accessed: 1 << 5,
  dirty: 1 << 6,
  /** Maps a large page rather than a table. */
  large: 1 << 7,
} as const;

/** SPTE_MMU_PRESENT_MASK, arch/x86/kvm/mmu/spte.h: KVM's own mark of an entry that maps something. */
export const SPTE_PRESENT = 1 << 11;

/** Bits of KVM's page fault error code, arch/x86/include/asm/kvm_host.h (PFERR_*), by number. */
export const FAULT_BITS = {
  /** A mapping was there, but did not allow the access. */
  present: 0,
  write: 1,
  user: 2,
  /** With nested paging only KVM's own marked entries have reserved bits set: see mmu/spte.c. */
  reserved: 3,
  fetch: 4,
  protectionKey: 5,
  shadowStack: 6,
  sgx: 15,
  /** Raised by the access itself, after the walk of the guest's own page table. */
  guestFinal: 32,
  /** Raised by that walk. */
  guestPageTable: 33,
} as const;

/** What an access was for. */
export const ACCESSES = ["read", "write", "fetch"] as const;

/** What a page fault's error code says: the kind of access, and what stood in its way. */
export interface Fault {
  /** What the access was for. */
  access: typeof ACCESSES[number];
  /** A mapping was there, but did not allow it. */
  present: boolean;
  /** The walk of the guest's own page table raised it. */
  guest_walk: boolean;
  /** A mapping that KVM made invalid on purpose, to see accesses to a device. */
  mmio: boolean;
}

/** Reads KVM's page fault error code, as recorded on every x86 processor. */
export function decodeFault(errorCode: number): Fault {
  // 33 bits: beyond what JavaScript's own bit operators keep.
  const code = BigInt(errorCode);
  const has = (bit: number) => (code >> BigInt(bit) & 1n) === 1n;
  return {
    access: has(FAULT_BITS.fetch) ? "fetch" : has(FAULT_BITS.write) ? "write" : "read",
    present: has(FAULT_BITS.present),
    guest_walk: has(FAULT_BITS.guestPageTable),
    mmio: has(FAULT_BITS.reserved),
  };
}

/** The error code whose bits are those named, and no others. */
export function faultCode(...bits: (keyof typeof FAULT_BITS)[]): number {
  return bits.reduce((code, bit) => code + 2 ** FAULT_BITS[bit], 0);
}
