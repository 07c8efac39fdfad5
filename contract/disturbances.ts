// SPDX-License-Identifier: Apache-2.0
/** What disturbed a trial that was measured in time, by what was counted before and behind it. */
import { isA, readRecord } from "./record.ts";
import type { RecordOf } from "./kinds.ts";

/** Differences between before and after, as far as they are known. */
export interface Surroundings {
  /** How often CPUs were slowed down for their heat. */
  throttled: number | null;
  /** Time that another machine had, ns. */
  stolen_ns: number | null;
  /** Merged pages of other processes, behind the trial. */
  merged_elsewhere: number | null;
}

type Recorded = RecordOf<"surroundings">;

/** What was counted between two such records. */
export function between(before: Recorded, after: Recorded): Surroundings {
  const moved = (name: "throttled" | "stolen_ns") => {
    const [from, to] = [before[name], after[name]];
    return from == null || to == null ? null : to - from;
  };
  return {
    ...{ throttled: moved("throttled"), stolen_ns: moved("stolen_ns") },
    merged_elsewhere: after.merged_elsewhere ?? null,
  };
}

/** Each disturbance as a sentence without its full stop, with its count; none where nothing is known of any. */
export function inWords({ throttled, stolen_ns, merged_elsewhere }: Surroundings): string[] {
  return [
    ...(throttled ? [`its CPUs were slowed down for their heat (counted: ${throttled})`] : []),
    ...(stolen_ns
      ? [`${stolen_ns / 1e6} ms of its CPUs' time were stolen by another machine`]
      : []),
    ...(merged_elsewhere
      ? [
        `${merged_elsewhere} pages of other processes were merged as well: KSM's numbers hold them`,
      ]
      : []),
  ];
}

/** What to do about any of them. */
export const remedy = "Let the host cool, give it CPUs of its own and no other guests, and repeat";

/** What disturbed a trial, from its records; nothing of one that is exact. */
export function disturbancesIn(records: Uint8Array): string[] {
  const found = new TextDecoder().decode(records).split("\n")
    .filter((line) => line.includes('"surroundings"')).map(readRecord)
    .filter((record) => isA(record, "surroundings"));
  const before = found.find(({ event }) => event === "before");
  const after = found.find(({ event }) => event === "after");
  return before === undefined || after === undefined ? [] : inWords(between(before, after));
}
