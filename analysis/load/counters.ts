/** Counters of the records, as readings of which differences are taken. */
import type { Difference, Snapshot } from "./differences.ts";
import type { RecordOf } from "../../contract/records.ts";

const NOT_STATISTICS = new Set(["t_ns", "phase", "kind", "guest", "line"]);

type Part = string | number | null;

/** A reading of a counter, as {@linkcode takeDifferences} takes it. */
export function snapshot(
  record: { phase: string; line: number },
  key: Part[],
  value: number,
): Snapshot {
  return { phase: record.phase, key: JSON.stringify(key), value, line: record.line };
}

/** Every number of a record that is not one of the fields all records have, keyed by guest and name. */
export function statistics(
  records: (RecordOf<"mapped"> | RecordOf<"kvm"> | RecordOf<"vm_events">)[],
): Snapshot[] {
  return records.flatMap((record) =>
    Object.entries(record).flatMap(([name, value]) =>
      typeof value === "number" && !NOT_STATISTICS.has(name)
        ? [snapshot(record, [record.guest as number ?? null, name], value)]
        : []
    )
  );
}

export function moved({ change }: Difference): boolean {
  return change !== 0;
}

/** What the counter's key was made of. */
export function parts(difference: Difference): [Part, Part] {
  return JSON.parse(difference.key);
}
