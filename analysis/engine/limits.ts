// SPDX-License-Identifier: Apache-2.0
/** What a query may take, so that a careless one ends with a sentence rather than with the machine. */
import { LabError } from "../../base/errors.ts";

/** Tables and what is computed of them: a traced run of the lab's takes some hundred MiB. */
export const memoryLimit_mib = 2048;

/** Of an answer. The lab's own have some thousand; JavaScript has no room for a hundred million. */
export const mostValues = 10_000_000;

/** Said to every engine before it is confined: it then swaps nothing to a disk either. */
export const limits = [`SET memory_limit='${memoryLimit_mib}MiB'`, "SET temp_directory=''"];

/** @throws {LabError} for an answer that is too large to be shown. */
export function requireFewValues(rows: number, columns: number): void {
  if (rows * columns <= mostValues) return;
  throw new LabError(
    `Cannot show the answer: it has more than ${mostValues.toLocaleString("en")} values`,
    "Count, sum or filter in SQL, or add a LIMIT",
  );
}
