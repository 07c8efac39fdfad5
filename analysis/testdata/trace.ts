// SPDX-License-Identifier: Apache-2.0
/** Made-up raw traces for tests, in the form of docs/TRACE.md. */
import { encodeBase64 } from "@std/encoding/base64";
import { codeOf } from "../../machines/machine.ts";
import { ENTRY_BITS, faultCode, PAGE_BYTES, SPTE_PRESENT } from "../../machines/x86_64/pages.ts";

type Line = Record<string, unknown>;

/** An event: nanoseconds, thread, kind and the numbers of its own. */
export type MadeEvent = readonly [t_ns: number, task: number, kind: number, ...values: number[]];

/** Packs events, in order, into the members of an `trace_events` record. */
export function packEvents(events: readonly MadeEvent[]): Line {
  const bytes: number[] = [];
  const put = (value: number) => {
    while (value >= 128) {
      bytes.push(value % 128 + 128);
      value = Math.floor(value / 128);
    }
    bytes.push(value);
  };
  let last_ns = 0;
  for (const [t_ns, task, kind, ...values] of events) {
    for (const value of [kind, t_ns - last_ns, task, ...values]) put(value);
    last_ns = t_ns;
  }
  return {
    kind: "trace_events",
    cpu: 0,
    count: events.length,
    data: encodeBase64(new Uint8Array(bytes)),
  };
}

export const VCPU = 101;
export const VMM = 100;
export const KSMD = 20;

/** Where the memory of the traced guest lies in its VMM, pages; its size, pages. */
export const FIRST_PAGE = 0x7f000;
const PAGES = 2048;

/** Who the threads are, and where the memory lies. */
export const INTRODUCTIONS: Line[] = [
  { kind: "trace_tasks", task: VMM, name: "vmm", guest: 0 },
  { kind: "trace_tasks", task: VCPU, name: "CPU 0/KVM", guest: 0 },
  { kind: "trace_tasks", task: KSMD, name: "ksmd" },
  {
    kind: "trace_regions",
    guest: 0,
    hva: FIRST_PAGE * PAGE_BYTES,
    bytes: PAGES * PAGE_BYTES,
    gpa: 0,
  },
];

/** An entry of 4 KiB: KVM's mark and the processor's, with and without the right to write. */
export const READ_ONLY = SPTE_PRESENT | ENTRY_BITS.present;
export const WRITABLE = READ_ONLY | ENTRY_BITS.writable;
const LARGE = WRITABLE | ENTRY_BITS.large;

const SPACE = 0;
const [FAULT, EXIT, INVALIDATE, CHANGE, SPTE, MARK] = [1, 2, 3, 4, 5, 6];
export const READ = faultCode("user", "guestFinal");
export const WRITE = faultCode("write", "user", "guestFinal");
const WRITE_PRESENT = faultCode("present", "write", "user", "guestFinal");
const WALK_PRESENT = faultCode("present", "write", "user", "guestPageTable");
export const DEVICE = faultCode("reserved", "guestFinal");
const NPF = codeOf("svm", "NPF");

export type Step = readonly [task: number, kind: number, ...values: number[]];

export const clear = (task: number, gfn: number, pages = 1): Step => [
  ...[task, INVALIDATE, SPACE, FIRST_PAGE + gfn, pages, task === KSMD ? 3 : 1, 1] as const,
];
export const change = (task: number, gfn: number, pfn: number, bits: number): Step => [
  ...[task, CHANGE, SPACE, FIRST_PAGE + gfn, pfn, bits] as const,
];
const entry = (task: number, gfn: number, from: number, to: number, level = 1): Step => [
  ...[task, SPTE, gfn, level, from === 0 ? 0 : 77, from, to === 0 ? 0 : 77, to] as const,
];
const fault = (gfn: number, code: number): Step[] => [
  [VCPU, EXIT, NPF],
  [VCPU, FAULT, gfn * PAGE_BYTES, code],
];
/** KSM drops the mapping of a page and makes it a shared one, as it does with the switch off. */
export const mergeAndDrop = (gfn: number): Step[] => [
  clear(KSMD, gfn),
  entry(KSMD, gfn, WRITABLE, 0),
  change(KSMD, gfn, 500, 0x25),
];
/** The same with the switch on. */
const mergeInPlace = (gfn: number): Step[] => [
  clear(KSMD, gfn),
  change(KSMD, gfn, 500, 0x25),
  entry(KSMD, gfn, WRITABLE, 0),
  entry(KSMD, gfn, 0, READ_ONLY),
];
/** A write of this thread's breaks the shared page. */
const copy = (task: number, gfn: number): Step[] => [
  clear(task, gfn),
  entry(task, gfn, READ_ONLY, 0),
  change(task, gfn, 600 + gfn, 0x67),
];

const mapped = [5, 6, 7, 8, 9, 10].map((gfn) => entry(VCPU, gfn, 0, WRITABLE));

/** Events of a phase before merging, of merging, and after it: three phases. */
const STEPS: readonly (readonly Step[])[] = [
  [
    [VMM, INVALIDATE, SPACE, 1000, 4, 1, 0],
    ...fault(5, READ),
    ...mapped,
    entry(VCPU, 512, 0, LARGE, 2),
  ],
  [
    ...mergeAndDrop(5),
    ...mergeInPlace(6),
    ...mergeInPlace(7),
    clear(KSMD, 512, 512),
    entry(KSMD, 512, LARGE, 0, 2),
    ...[entry(VMM, 8, WRITABLE, 0), entry(VCPU, 9, WRITABLE, SPTE_PRESENT)],
  ],
  [
    ...[...fault(5, READ), entry(VCPU, 5, 0, READ_ONLY)],
    ...[...fault(5, WRITE_PRESENT), ...copy(VCPU, 5), ...fault(5, WRITE)],
    ...fault(6, WALK_PRESENT),
    ...[...copy(VMM, 7), ...fault(7, READ)],
    ...[...fault(700, READ), ...fault(8, READ), ...fault(9, READ), ...fault(10, READ)],
    ...[...fault(11, READ), ...fault(0xfeb00, DEVICE)],
  ],
];

/** What the faults of {@linkcode tracedEvents} must be explained by, in order. */
export const EXPLANATIONS: readonly (readonly [gfn: number, cause: string, by: string | null])[] = [
  [5, "never mapped", null],
  [5, "merged", "ksmd"],
  [5, "write to a merged page", "vcpu"],
  [5, "copied: the guest wrote", "vcpu"],
  [6, "page-table walk of a merged page", "ksmd"],
  [7, "copied: the VMM wrote", "vmm"],
  [700, "huge page split", "ksmd"],
  [8, "memory slots changed", "vmm"],
  [9, "access tracking", "vcpu"],
  [10, "unexplained", "vcpu"],
  [11, "never mapped", null],
  [0xfeb00, "device", null],
];

/** A trace in which every kind of explanation occurs, three phases long. */
export function tracedEvents(): MadeEvent[] {
  return inPhases(STEPS);
}

/** The steps of phases as events, with a mark at the end of each phase. */
export function inPhases(phases: readonly (readonly Step[])[]): MadeEvent[] {
  let t_ns = 1_000_000;
  return phases.flatMap((phase) =>
    [...phase, [1, MARK] as Step].map(([task, kind, ...values]): MadeEvent => {
      t_ns += 1000;
      return [t_ns, task, kind!, ...values];
    })
  );
}

/** Events of one record: what an agent's buffer holds. */
const RECORD_EVENTS = 3000;
const EVENTS_A_PAGE = 10;

/** Records of a long trace: each page is used, merged, lost, and used again; for benchmarks. */
export function manyEvents(count: number, seed: number): Line[] {
  const lines: Line[] = [...INTRODUCTIONS];
  let events: MadeEvent[] = [[1, VMM, INVALIDATE, SPACE, 1000, 4, 1, 0]];
  let t_ns = 1;
  for (let page = 0; page * EVENTS_A_PAGE < count; page++) {
    const gfn = (page * 7919 + seed) % PAGES;
    const steps = [
      ...[...fault(gfn, READ), entry(VCPU, gfn, 0, WRITABLE)],
      ...mergeAndDrop(gfn),
      ...[...fault(gfn, READ), entry(VCPU, gfn, 0, READ_ONLY)],
      entry(VMM, gfn, READ_ONLY, 0),
    ];
    for (const [task, kind, ...values] of steps) {
      events.push([t_ns += 500 + page % 7, task, kind!, ...values]);
    }
    if (events.length >= RECORD_EVENTS) {
      lines.push(packEvents(events));
      events = [];
    }
  }
  lines.push(packEvents([...events, [t_ns, 1, MARK]]));
  return lines;
}
