// SPDX-License-Identifier: Apache-2.0
/** Readings of /sys/kernel/mm/ksm, as the question answers them. */
import type { Answer } from "../../engine/result.ts";
import { type Evidence, rowsOf } from "../finding.ts";
import { numberOf } from "./words.ts";

/** One reading, as `outside_ksm` answers. */
export interface Reading {
  row: Answer;
  /** A number there; undefined where the kernel or the dump has none. */
  number(name: string): number | undefined;
  page_bytes: number;
}

/** The rows of the question. */
export function readingsOf(evidence: Evidence): Reading[] {
  return rowsOf(evidence, "outside_ksm").map((row) => {
    const others = JSON.parse(String(row.others ?? "{}")) as Record<string, number>;
    return {
      row,
      number: (name) => numberOf(row[name]) ?? numberOf(others[name]),
      page_bytes: Number(row.page_bytes),
    };
  });
}
