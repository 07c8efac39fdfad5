import type { Row } from "../engine/arrow.ts";
import { moved, parts, snapshot, statistics } from "./counters.ts";
import { type Difference, type Snapshot, takeDifferences } from "./differences.ts";
import { reasonName, type Vendor } from "../../machines/reasons.ts";
import { damaged, type RecordOf, type Records } from "../../contract/records.ts";
import { hostRows } from "./host_rows.ts";
import { phaseRows } from "./phase_rows.ts";

/** Rows by table name, in the columns of schema.sql. */
export type Tables = Record<string, Row[]>;

/** Bits of KVM's page fault error code, arch/x86/include/asm/kvm_host.h (PFERR_*). */
const PRESENT_BIT = 0n;
const WRITE_BIT = 1n;
/** With nested paging only KVM's own marked entries have reserved bits set: see mmu/spte.c. */
const RESERVED_BIT = 3n;
const FETCH_BIT = 4n;
const GUEST_PAGE_TABLE_BIT = 33n;

/** What is known of the trial that its rows belong to. */
export interface TrialFacts {
  trial: string;
  vendor: Vendor;
  /** Name of the records file, for messages. */
  file: string;
  /** Wall-clock seconds by phase. */
  phaseWall_s: Readonly<Record<string, number>>;
}

/**
 * Turns the records of a finished trial into rows, with the differences of its counters taken.
 *
 * @throws {LabError} If a counter runs backwards or the phases do not follow each other.
 */
export function rowsOf(records: Records, facts: TrialFacts): Tables {
  const { trial } = facts;
  const phases = phaseRows(records.phase, facts);
  const order = phases.map((row) => String(row.phase));
  const counted = (snapshots: Snapshot[]) => {
    const differences = takeDifferences(snapshots, order);
    const backwards = differences.find(({ change }) => change < 0);
    if (backwards === undefined) return differences;
    const { key, change, line } = backwards;
    throw damaged(facts.file, line, `the counter ${key} has run backwards by ${-change}`);
  };
  return {
    phases,
    exits: counted(
      records.exits.map((r) => snapshot(r, [r.guest, r.reason_code], r.count)),
    ).filter(moved).map((d) => exitRow(d, facts)),
    faults: counted(
      records.faults.map((r) => snapshot(r, [r.guest, r.error_code], r.count)),
    ).filter(moved).map((d) => faultRow(d, trial)),
    mapped: mappedRows(counted(statistics(records.mapped)), trial),
    // Some of KVM's statistics are gauges (pages_4k), which may fall.
    kvm_stats: takeDifferences(statistics(records.kvm), order).map((d) => statRow(d, trial)),
    cpu: counted(
      records.cpu.map((r) => snapshot(r, [r.task, r.guest ?? null], r.run_ns)),
    ).map((d) => cpuRow(d, trial)),
    ...hostRows(records, trial, counted),
    touch: records.touch.map((r) => touchRow(r, trial)),
    touch_histogram: records.touch.flatMap((r) => histogramRows(r, trial)),
    ...gaugeRows(records, trial),
  };
}

function exitRow(difference: Difference, facts: TrialFacts): Row {
  const [guest, code] = parts(difference);
  const reason = reasonName(facts.vendor, Number(code));
  const { phase, change: count } = difference;
  return { trial: facts.trial, phase, guest, reason_code: code, reason, count };
}

function faultRow(difference: Difference, trial: string): Row {
  const [guest, error_code] = parts(difference);
  const { phase, change: count } = difference;
  return { trial, phase, guest, error_code, ...decodeFault(Number(error_code)), count };
}

/** What KVM's page fault error code says: the kind of access, and what stood in its way. */
export function decodeFault(
  errorCode: number,
): { access: "read" | "write" | "fetch"; present: boolean; guest_walk: boolean; mmio: boolean } {
  // 33 bits: beyond what JavaScript's own bit operators keep.
  const code = BigInt(errorCode);
  const has = (bit: bigint) => (code >> bit & 1n) === 1n;
  return {
    access: has(FETCH_BIT) ? "fetch" : has(WRITE_BIT) ? "write" : "read",
    present: has(PRESENT_BIT),
    guest_walk: has(GUEST_PAGE_TABLE_BIT),
    mmio: has(RESERVED_BIT),
  };
}

const MAPPED_COLUMNS = new Set(["updated", "zapped", "missed", "unmapped"]);

function mappedRows(differences: Difference[], trial: string): Row[] {
  const rows = new Map<string, Record<string, string | number | null>>();
  for (const difference of differences) {
    const [guest, name] = parts(difference);
    if (!MAPPED_COLUMNS.has(String(name))) continue;
    const key = JSON.stringify([difference.phase, guest]);
    const row = rows.get(key) ?? { trial, phase: difference.phase, guest };
    row[String(name)] = difference.change;
    rows.set(key, row);
  }
  return [...rows.values()];
}

function statRow(difference: Difference, trial: string): Row {
  const [guest, stat] = parts(difference);
  const { phase, change, valueAtEnd: value_at_end } = difference;
  return { trial, phase, guest, stat, value_at_end, change };
}

function cpuRow(difference: Difference, trial: string): Row {
  const [task, guest] = parts(difference);
  return { trial, phase: difference.phase, task, guest, run_ns: difference.change };
}

function touchRow(record: RecordOf<"touch">, trial: string): Row {
  const { phase, guest, round, t_ns, pages, ticks } = record;
  const [unit, checksum] = [record.unit ?? "page", record.checksum ?? null];
  return { trial, phase, guest, round, t_ns, pages, ticks, unit, checksum };
}

function histogramRows(record: RecordOf<"touch">, trial: string): Row[] {
  const { phase, guest, round, histogram = [] } = record;
  return histogram.flatMap((pages, bin) =>
    pages === 0 ? [] : [{ trial, phase, guest, round, bin, low_ticks: 2 ** bin, pages }]
  );
}

const KSM_COLUMNS = [
  ...[
    "run",
    "full_scans",
    "ksmd_run_ns",
    "pages_shared",
    "pages_sharing",
    "pages_unshared",
    "pages_volatile",
  ],
  ...["pages_to_scan", "sleep_millisecs", "max_page_sharing", "use_zero_pages"],
  ...["stable_node_chains", "stable_node_dups"],
];

/** Readings that are a state rather than a count: no differences to take. */
function gaugeRows(records: Records, trial: string): Tables {
  const lastKsm = lastOfPhase(records.ksm);
  const ksm = records.ksm.map((record): Row => {
    const { phase, t_ns } = record;
    const numbers = Object.entries(record).filter(([name, value]) =>
      typeof value === "number" && name !== "line" && name !== "t_ns"
    ) as [string, number][];
    const known = numbers.filter(([name]) => KSM_COLUMNS.includes(name));
    const others = numbers.filter(([name]) => !KSM_COLUMNS.includes(name)).sort();
    const at_phase_end = lastKsm.has(record);
    return {
      ...{ trial, phase, t_ns, at_phase_end, ...Object.fromEntries(known) },
      others: JSON.stringify(Object.fromEntries(others)),
    };
  });
  const lastMemory = lastOfPhase(records.memory, (r) => `${r.scope} ${r.guest ?? ""}`);
  const memory = records.memory.flatMap((record): Row[] => {
    const { phase, t_ns, scope } = record;
    const [guest, at_phase_end] = [record.guest ?? null, lastMemory.has(record)];
    return Object.entries(record).flatMap(([name, kib]) => {
      if (typeof kib !== "number" || !name.endsWith("_kib")) return [];
      const metric = name.slice(0, -"_kib".length);
      return [{ trial, phase, t_ns, at_phase_end, scope, guest, metric, kib }];
    });
  });
  return { ksm, memory };
}

function lastOfPhase<R extends { phase: string }>(
  records: R[],
  keyOf: (record: R) => string = () => "",
): Set<R> {
  const last = new Map(records.map((record) => [`${record.phase} ${keyOf(record)}`, record]));
  return new Set(last.values());
}

/** Rows of `logs` and `failures`; these a failed trial has too. */
export function logRows(records: Records, trial: string): Tables {
  return {
    logs: records.log.map(({ phase, t_ns, source, guest, text }) => {
      return { trial, phase, t_ns, source, guest: guest ?? null, text };
    }),
    failures: records.failure.map(({ reason, guest, console }) => {
      return { trial, reason, guest: guest ?? null, console: console ?? null };
    }),
  };
}
