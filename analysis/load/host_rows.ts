import { moved, parts, snapshot, statistics } from "./counters.ts";
import type { Difference, Snapshot } from "./differences.ts";
import type { Records } from "../../contract/records.ts";
import type { Tables } from "./rows.ts";

/** Rows of what the host pays: its own events, faults and locks, and what a census found. */
export function hostRows(
  records: Records,
  trial: string,
  counted: (snapshots: Snapshot[]) => Difference[],
): Tables {
  return {
    vm_events: counted(statistics(records.vm_events)).filter(moved)
      .map((difference) => {
        const [, event] = parts(difference);
        return { trial, phase: difference.phase, event, count: difference.change };
      }),
    host_faults: faultRows(records, trial, counted),
    host_costs: costRows(records, trial, counted),
    growth: records.growth.map(({ phase, t_ns, guests, swapped_out_pages, stalls, pressed }) => {
      return { trial, phase, t_ns, guests, swapped_out_pages, stalls, pressed: pressed > 0 };
    }),
    census: records.census.map(({ by: grouped_by, class: kind, guests, pages, groups }) => {
      return { trial, grouped_by, class: kind, guests, pages, groups };
    }),
  };
}

function faultRows(
  records: Records,
  trial: string,
  counted: (snapshots: Snapshot[]) => Difference[],
) {
  const of = (kind: "minor" | "major") =>
    counted(records.host_faults.map((r) => snapshot(r, [r.guest, kind], r[kind])));
  const major = of("major");
  return of("minor").map((difference, index) => {
    const [guest] = parts(difference);
    const { phase, change: minor } = difference;
    return { trial, phase, guest, minor, major: major[index]?.change ?? 0 };
  });
}

function costRows(
  records: Records,
  trial: string,
  counted: (snapshots: Snapshot[]) => Difference[],
) {
  const of = (column: "count" | "spent_ns") =>
    counted(records.host_cost.map((r) => snapshot(r, [r.what, r.key], r[column])));
  const spent = of("spent_ns");
  return of("count").map((difference, index) => {
    const [what, key] = parts(difference);
    const { phase, change: count } = difference;
    return { trial, phase, what, key, count, spent_ns: spent[index]?.change ?? 0 };
  }).filter(({ count }) => count > 0);
}
