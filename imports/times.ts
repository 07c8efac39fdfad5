// SPDX-License-Identifier: Apache-2.0
/** Times as date(1), loops and logs write them. */

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** "2026-11-27T10:00:00+01:00", "2026-11-27 10:00:00.5", "2026/11/27 10:00:00 UTC" */
const iso =
  /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/;
/** "Fri Nov 27 10:00:00 CET 2026", "Fri 27 Nov 2026 10:00:00 AM UTC", "Nov 27 10:00:00 2026" */
const clock = /\b(\d{1,2}):(\d\d):(\d\d)(?:[.,]\d+)?(?:\s*([AP]M))?\b/;
/** Seconds since 1970 from 2001 to 2100, perhaps with a fraction. */
const epoch = /^@?([1-3]?\d{9})(?:[.,](\d{1,9}))?$/;

/**
 * A moment in seconds since 1970, or nothing where the text is none. A time zone that is only named (CET)
 * is taken for UTC: what counts is the time between two moments of one file.
 */
export function momentIn(text: string): number | undefined {
  const bare = text.replace(/^[#=\-*\s[(]+|[=\-*\s:\])]+$/g, "").replace(/^(date|time):?\s+/i, "");
  return isoMoment(bare) ?? epochMoment(bare) ?? dateMoment(bare);
}

function isoMoment(text: string): number | undefined {
  const [all, year, month, day, hour, minute, second, fraction, zone] = iso.exec(text) ?? [];
  if (all === undefined) return undefined;
  const offset = /^[+-]/.test(zone ?? "")
    ? (zone![0] === "-" ? -1 : 1) * (Number(zone!.slice(1, 3)) * 60 + Number(zone!.slice(-2)))
    : 0;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number);
  return valid(y!, mo! - 1, d!, h!, mi! - offset, s!, Number(`0.${fraction ?? 0}`));
}

function epochMoment(text: string): number | undefined {
  const [all, seconds, fraction = "0"] = epoch.exec(text) ?? [];
  return all === undefined ? undefined : Number(seconds) + Number(`0.${fraction}`);
}

function dateMoment(text: string): number | undefined {
  const words = text.toLowerCase().replaceAll(",", " ").split(/\s+/);
  if (words.length < 4 || words.length > 8) return undefined;
  const month = words.map((word) => months.indexOf(word.slice(0, 3))).find((at) => at >= 0);
  const year = words.find((word) => /^(19|20)\d\d$/.test(word));
  const day = words.find((word) => /^\d{1,2}\.?$/.test(word));
  const [time, hour, minute, second, half] = clock.exec(text.toUpperCase()) ?? [];
  if (month === undefined || year === undefined || day === undefined || time === undefined) {
    return undefined;
  }
  const hours = half === undefined ? Number(hour) : Number(hour) % 12 + (half === "PM" ? 12 : 0);
  return valid(Number(year), month, parseInt(day), hours, Number(minute), Number(second), 0);
}

function valid(
  ...[year, month, day, hour, minute, second, fraction]: [
    ...[number, number, number, number, number, number, number],
  ]
): number | undefined {
  if (month > 11 || day < 1 || day > 31 || hour > 24 || second > 60) return undefined;
  const ms = Date.UTC(year, month, day, hour, minute, second);
  return Number.isFinite(ms) ? ms / 1000 + fraction : undefined;
}
