// SPDX-License-Identifier: Apache-2.0
/** A state of the host, read at some moments, as rows. */
import type { Cell, Declaration } from "../../contract/declaration.ts";
import { furtherOf } from "../../contract/further.ts";
import type { Line } from "../../contract/records.ts";
import type { Row } from "../engine/arrow.ts";
import { cellsOf } from "./recorded.ts";

/** Rows of a kind that is read rather than counted: no differences to take. */
export function readingRows(
  lines: readonly Line[],
  declaration: Declaration,
  trial: string,
): Row[] {
  const { fields, table } = declaration;
  if (table.form !== "readings") return [];
  const { of, further } = table;
  const last = lastOfPhase(lines, of);
  return lines.flatMap((line): Row[] => {
    const { phase, t_ns } = line;
    const row: Record<string, Cell> = {
      ...{ trial, phase, t_ns, at_phase_end: last.has(line) },
      ...cellsOf(line, declaration, Object.keys(fields)),
    };
    if (further === undefined) return [row];
    const numbers = furtherOf(line, declaration);
    if ("together" in further) {
      const sorted = numbers.sort(([a], [b]) => a < b ? -1 : 1);
      const text = JSON.stringify(Object.fromEntries(sorted));
      return [{ ...row, [further.together.name]: text }];
    }
    const { name, value } = further;
    return numbers.map(([said, number]) => ({ ...row, [name.name]: said, [value.name]: number }));
  });
}

function lastOfPhase(lines: readonly Line[], of: readonly string[]): Set<Line> {
  const keyOf = (line: Line) => [line.phase, ...of.map((name) => line[name] ?? "")].join(" ");
  return new Set(new Map(lines.map((line) => [keyOf(line), line])).values());
}
