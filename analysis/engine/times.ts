// SPDX-License-Identifier: Apache-2.0
/** Dates, times and intervals as DuckDB itself writes them. */

/** What JavaScript's own dates can say, ms before and after 1970. */
const FURTHEST_MS = 8.64e15;

const DAY_MS = 86_400_000;

/** "2026-11-27", for ms since 1970. */
export function dateText(ms: number): string {
  return partsOf(ms)?.date ?? farAway(ms);
}

/** "2026-11-27 06:04:05.25", for ms since 1970 with their fraction; with "+00" where it has a time zone. */
export function timestampText(ms: number, zoned = false): string {
  const parts = partsOf(ms);
  if (parts === undefined) return farAway(ms);
  const micros = Math.round(ms * 1000) - Math.floor(ms / 1000) * 1_000_000;
  return `${parts.date} ${parts.time}${fraction(micros)}${zoned ? "+00" : ""}`;
}

/** "06:04:05.25", for microseconds since midnight. */
export function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${pad(hours)}:${pad(minutes)}:${pad(seconds % 60)}${fraction(micros % 1_000_000)}`;
}

/** "1 year 2 months 3 days 04:05:06". */
export function intervalText(months: number, days: number, micros: number): string {
  const counted = (count: number, unit: string) =>
    count === 0 ? [] : [`${count} ${unit}${Math.abs(count) === 1 ? "" : "s"}`];
  const parts = [
    ...counted(Math.trunc(months / 12), "year"),
    ...counted(months % 12, "month"),
    ...counted(days, "day"),
  ];
  const time = `${micros < 0 ? "-" : ""}${timeText(Math.abs(micros))}`;
  return micros === 0 && parts.length > 0 ? parts.join(" ") : [...parts, time].join(" ");
}

function partsOf(ms: number): { date: string; time: string } | undefined {
  if (!(Math.abs(ms) <= FURTHEST_MS)) return undefined;
  const [date = "", time = ""] = new Date(Math.floor(ms)).toISOString().split("T");
  return { date, time: time.slice(0, 8) };
}

function farAway(ms: number): string {
  return `${Math.floor(ms / DAY_MS)} days from 1970-01-01`;
}

function fraction(micros: number): string {
  return micros === 0 ? "" : `.${String(micros).padStart(6, "0").replace(/0+$/, "")}`;
}
