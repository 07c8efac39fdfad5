// SPDX-License-Identifier: Apache-2.0
/** What a query may take, so that a careless one ends with a sentence rather than with the machine. */
import { LabError } from "../../base/errors.ts";

/** Tables and what is computed of them: a traced run of the lab's takes some hundred MiB. */
export const memoryLimit_mib = 2048;

/** Of an answer. The lab's own have some thousand; JavaScript has no room for a hundred million. */
export const mostValues = 10_000_000;

/** Said to every engine before it is confined: it then swaps nothing to a disk either. */
const bounds = [`SET memory_limit='${memoryLimit_mib}MiB'`, "SET temp_directory=''"];

/** Tables are kept compressed, which an ordinary database in memory's are not: many trials have the same few words. */
const tables = ["ATTACH ':memory:' AS tables (COMPRESS)", "USE tables"];

/** Said to every engine first of all. */
export const limits = [...bounds, ...tables];

/** Compresses what was inserted since the last time. */
export const compress = "CHECKPOINT tables";

/** Of an answer to a question of the lab's own, which a report is made of: a hundred thousand trials have 15 million. */
export const mostValuesOfReport = 50_000_000;

/** @throws {LabError} for an answer that is too large to be shown. */
export function requireFewValues(rows: number, columns: number, most = mostValues): void {
  if (rows * columns <= most) return;
  throw new LabError(
    `Cannot show the answer: it has more than ${most.toLocaleString("en")} values`,
    "Count, sum or filter in SQL, or add a LIMIT",
  );
}
