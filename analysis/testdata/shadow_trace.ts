// SPDX-License-Identifier: Apache-2.0
/** A made-up raw trace of a trial with shadow paging, in the form of docs/TRACE.md. */
import { codeOf } from "../../machines/machine.ts";
import { faultCode, PAGE_BYTES } from "../../machines/x86_64/pages.ts";
import {
  change,
  clear,
  inPhases,
  KSMD,
  type MadeEvent,
  READ_ONLY,
  type Step,
  VCPU,
  VMM,
  WRITABLE,
} from "./trace.ts";

const [FAULT, EXIT, INVALIDATE] = [1, 2, 3];
const [GUEST_ENTRY, GUEST_FAULT, SHADOW_ENTRY, SHADOW_PAGE] = [7, 8, 9, 10];
const [SHADOW_SYNC, SHADOW_ZAP, SHADOW_DEVICE, INVLPG] = [11, 12, 13, 14];
const PF_EXCEPTION = codeOf("svm", "EXCEPTION_PF");

const [READ, WRITE] = [faultCode("user"), faultCode("write", "user")];
const WRITE_PRESENT = faultCode("present", "write", "user");
/** Guest's entries: present, writable, a user's, and used; without the dirty bit; not there. */
const [USED, CLEAN, ABSENT] = [0x67, 0x27, 0];

/** The guest's page table that is shadowed, as a table of level 1, and where the shadow lies. */
const [TABLE, ROLE, SHADOW] = [900, 1, 0x4000 * PAGE_BYTES];

/** A fault at a page of the guest's address space, where its own entry maps `gfn`. */
const fault = (page: number, code: number, gfn: number, bits = USED): Step[] => [
  [VCPU, EXIT, PF_EXCEPTION],
  [VCPU, FAULT, page * PAGE_BYTES, code],
  [VCPU, GUEST_ENTRY, 1, gfn, bits],
];
const fill = (page: number, gfn: number, bits = WRITABLE): Step => [
  ...[VCPU, SHADOW_ENTRY, gfn, 1, SHADOW + page * 8, 77, bits] as const,
];
const link: Step = [VCPU, SHADOW_PAGE, TABLE, ROLE, 1];

const STEPS: readonly (readonly Step[])[] = [
  [
    [VMM, INVALIDATE, 0, 1000, 4, 1, 0],
    ...[...fault(0x10, READ, 5), link, fill(0x10, 5)],
    ...[...fault(0x11, READ, 6), fill(0x11, 6), fill(0x15, 12)],
    ...[...fault(0x12, READ, 0, ABSENT), [VCPU, GUEST_FAULT, READ] as Step],
    ...[...fault(0x12, READ, 7, CLEAN), fill(0x12, 7, READ_ONLY)],
    ...[...fault(0x12, WRITE_PRESENT, 7, CLEAN), fill(0x12, 7)],
    ...[...fault(0x13, WRITE, 8), fill(0x13, 8)],
  ],
  [clear(KSMD, 5), change(KSMD, 5, 500, 0x25)],
  [
    ...[...fault(0x10, READ, 5), fill(0x10, 5, READ_ONLY)],
    ...[...fault(0x10, WRITE_PRESENT, 5), clear(VCPU, 5), change(VCPU, 5, 600, 0x67)],
    ...fault(0x10, WRITE, 5),
    ...[...fault(0x10, WRITE, 5), fill(0x10, 5)],
    ...[...fault(0x11, READ, 9), fill(0x11, 9)],
    [VCPU, INVLPG, 0x12 * PAGE_BYTES],
    ...[...fault(0x12, READ, 7), fill(0x12, 7)],
    [VCPU, SHADOW_SYNC, TABLE, ROLE],
    ...[...fault(0x12, READ, 7), fill(0x12, 7)],
    [VCPU, EXIT, PF_EXCEPTION],
    [VCPU, SHADOW_PAGE, 8, ROLE, 1],
    ...[...fault(0x13, WRITE_PRESENT, 8), fill(0x13, 8)],
    ...fault(0x13, WRITE_PRESENT, 8),
    [VCPU, SHADOW_ZAP, TABLE, ROLE],
    ...[...fault(0x12, READ, 7), link, fill(0x12, 7)],
    ...[...fault(0x14, READ, 0xfee00), [VCPU, SHADOW_DEVICE] as Step],
    ...[...fault(0x15, READ, 12), fill(0x15, 12)],
    ...[...fault(0x12, READ, 7), fill(0x12, 7)],
  ],
];

/** What the faults of {@linkcode shadowEvents} must be explained by, in order. */
export const SHADOW_EXPLANATIONS: readonly (readonly [gfn: number | null, cause: string])[] = [
  [5, "shadow table linked"],
  [6, "never mapped"],
  [null, "the guest's own fault"],
  [7, "never mapped"],
  [7, "first write to a clean page"],
  [8, "never mapped"],
  [5, "merged"],
  [5, "write to a merged page"],
  [5, "copied: the guest wrote"],
  [5, "copied: the guest wrote"],
  [9, "guest page table changed"],
  [7, "guest page table changed"],
  [7, "guest page table changed"],
  [8, "write to a guest page table"],
  [8, "write to a guest page table"],
  [7, "shadow table linked"],
  [0xfee00, "device"],
  [12, "shadow table given up"],
  [7, "unexplained"],
];

/** Shadow paging, change_pte off: a trace in which every explanation that it has occurs. */
export function shadowEvents(): MadeEvent[] {
  return inPhases(STEPS);
}
