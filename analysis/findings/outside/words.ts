// SPDX-License-Identifier: Apache-2.0
/** Amounts as the sentences about imported and observed runs show them. */
import { significant, whole } from "../numbers.ts";

const MIB = 1048576;

/** Bytes as MiB with one decimal: "1,032.3 MiB"; very few as KiB. */
export function mib(bytes: number): string {
  if (bytes !== 0 && Math.abs(bytes) < MIB / 10) return `${significant(bytes / 1024)}\u00a0KiB`;
  const text = (bytes / MIB).toLocaleString("en-US", {
    minimumFractionDigits: bytes === 0 ? 0 : 1,
    maximumFractionDigits: 1,
  });
  return `${text.replace("-", "\u2212")}\u00a0MiB`;
}

/** "4 KiB" */
export function pageSize(bytes: number): string {
  return `${bytes / 1024}\u00a0KiB`;
}

/** Seconds as a person says it: "0.5 s", "136 s", "655 s (11 min)", "3.2 h". */
export function duration(seconds: number): string {
  if (seconds < 300) return `${significant(seconds)}\u00a0s`;
  if (seconds < 2 * 3600) return `${whole(seconds)}\u00a0s (${(seconds / 60).toFixed(0)}\u00a0min)`;
  return `${significant(seconds / 3600)}\u00a0h`;
}

/** A number of an answer; undefined where there is none. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
