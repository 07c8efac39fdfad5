// SPDX-License-Identifier: Apache-2.0
/** What a series of readings of KSM says: how fast it scans, whether sharing grows. */
import { counted, percent, significant, whole } from "../numbers.ts";
import type { Reading } from "./reading.ts";
import { duration, mib, numberOf } from "./words.ts";

/** Sharing that moves by less than this over a series stands still; as when a trial's merging ends. */
const STILL = 0.005;

/** Rates over the last stretch in which the counters only grew. */
export function seriesSentences(readings: readonly Reading[]): string[] {
  const stretch = lastStretch(readings);
  const broken = stretch.length < readings.length
    ? [
      `full_scans falls between two of the ${readings.length} readings: the host was started anew, or they are of several ` +
      `hosts. What follows is of the last ${counted(stretch.length, "reading")}.`,
    ]
    : [];
  const [first, last] = [stretch[0]!, stretch.at(-1)!];
  if (stretch.length < 2) return broken;
  const span_s = spanOf(first, last);
  const over = span_s === undefined
    ? `Over ${
      counted(stretch.length, "reading")
    }, which do not say when they were taken (--every says it),`
    : `Over ${duration(span_s)} and ${counted(stretch.length, "reading")}`;
  return [
    ...broken,
    `${over} ${sharingInWords(first, last, span_s)}.`,
    ...scansInWords(first, last, span_s),
    ...settingsMoved(stretch),
  ];
}

function lastStretch(readings: readonly Reading[]): readonly Reading[] {
  const begins = readings.findLastIndex((reading, at) => {
    const [before, now] = [readings[at - 1]?.number("full_scans"), reading.number("full_scans")];
    return before !== undefined && now !== undefined && now < before;
  });
  return readings.slice(Math.max(0, begins));
}

/** Between two readings, if both say when. */
function spanOf(first: Reading, last: Reading): number | undefined {
  const [from, to] = [numberOf(first.row.t_s), numberOf(last.row.t_s)];
  return from === undefined || to === undefined || to <= from ? undefined : to - from;
}

function sharingInWords(first: Reading, last: Reading, span_s: number | undefined): string {
  const [from, to] = [first.number("pages_sharing"), last.number("pages_sharing")];
  if (from === undefined || to === undefined) return "nothing is known of how sharing moved";
  const moved = to - from;
  if (Math.abs(moved) <= STILL * Math.max(from, to)) {
    return `sharing stood still at ${whole(to)} pages, to within ${
      percent(Math.abs(moved) / Math.max(1, from, to))
    }`;
  }
  const rate = span_s === undefined
    ? ""
    : `, ${significant(Math.abs(moved) / span_s)} pages/s or ${
      mib(60 * Math.abs(moved) * last.page_bytes / span_s)
    } a minute`;
  return `pages_sharing ${moved > 0 ? "grew" : "fell"} from ${whole(from)} to ${whole(to)}${rate}`;
}

function scansInWords(first: Reading, last: Reading, span_s: number | undefined): string[] {
  const moved = (name: string): number | undefined => {
    const [from, to] = [first.number(name), last.number(name)];
    return from === undefined || to === undefined ? undefined : to - from;
  };
  const [scans, scanned, worked_ns] = [
    moved("full_scans"),
    moved("pages_scanned"),
    moved("ksmd_run_ns"),
  ];
  const sentences: string[] = [];
  if (scans !== undefined) {
    const each = span_s === undefined || scans === 0 ? "" : `, one in ${duration(span_s / scans)}`;
    sentences.push(
      scans === 0
        ? "No full scan ended meanwhile."
        : `${counted(scans, "full scan")} ended meanwhile${each}.`,
    );
  }
  if (scanned !== undefined && span_s !== undefined && scanned >= 0) {
    sentences.push(`KSM looked at ${whole(scanned / span_s)} pages/s (pages_scanned).`);
  }
  if (worked_ns !== undefined && span_s !== undefined) {
    sentences.push(
      `ksmd worked for ${duration(worked_ns / 1e9)} of that, ${
        percent(worked_ns / 1e9 / span_s)
      } of one CPU.`,
    );
  }
  return sentences;
}

/** What somebody, or ksmtuned, has set meanwhile. */
function settingsMoved(stretch: readonly Reading[]): string[] {
  return ["run", "pages_to_scan", "sleep_millisecs", "use_zero_pages"].flatMap((name) => {
    const levels = [...new Set(stretch.flatMap((reading) => reading.number(name) ?? []))];
    return levels.length < 2 ? [] : [`${name} was changed meanwhile: ${levels.join(", then ")}.`];
  });
}
