// SPDX-License-Identifier: Apache-2.0
/** Macros that read page-table entries and fault codes, from the bits that machines/ names. */
import { isShadowPaging, pagingNames } from "../../machines/paging.ts";
import {
  ENTRY_BITS,
  FAULT_BITS,
  SPTE_PRESENT,
  TABLE_ENTRIES,
} from "../../machines/x86_64/pages.ts";

const ofFault = (bit: number) => `(error_code >> ${bit}) & 1 = 1`;
const ofEntry = (bit: number) => `(bits & ${bit}) <> 0`;

const macros = [
  `-- What KVM's page fault error code says: see faults.`,
  macro("fault_is_present(error_code)", ofFault(FAULT_BITS.present)),
  macro("fault_is_guest_walk(error_code)", ofFault(FAULT_BITS.guestPageTable)),
  macro("fault_is_mmio(error_code)", ofFault(FAULT_BITS.reserved)),
  macro(
    "fault_access_of(error_code)",
    `CASE WHEN ${ofFault(FAULT_BITS.fetch)} THEN 'fetch' ` +
      `WHEN ${ofFault(FAULT_BITS.write)} THEN 'write' ELSE 'read' END`,
  ),
  `-- What the bits of a page-table entry say: see trace_sptes. The first is KVM's mark of an entry that\n` +
  `-- maps something, the others are the processor's.`,
  macro("entry_is_mapped(bits)", ofEntry(SPTE_PRESENT)),
  macro("entry_is_present(bits)", ofEntry(ENTRY_BITS.present)),
  macro("entry_is_writable(bits)", ofEntry(ENTRY_BITS.writable)),
  macro("entry_is_dirty(bits)", ofEntry(ENTRY_BITS.dirty)),
  macro("entry_is_large(bits)", ofEntry(ENTRY_BITS.large)),
  `-- First page of the huge page that a page lies in.`,
  macro("huge_page_of(gfn)", `gfn - gfn % ${TABLE_ENTRIES}`),
  `-- With shadow paging the second-level page tables are made of the guest's own.`,
  shadowMacro(),
];

/** Whether a trial's second-level page tables are shadows of the guest's own, by its setting. */
function shadowMacro(): string {
  const names = pagingNames.filter(isShadowPaging).map((name) => `'${name}'`);
  return macro("is_shadow_paging(mmu)", `coalesce(mmu IN (${names.join(", ")}), false)`);
}

function macro(head: string, body: string): string {
  return `CREATE MACRO ${head} AS (${body});`;
}

/** The statements that create the macros. */
export function bitMacros(): string {
  return macros.join("\n") + "\n";
}
