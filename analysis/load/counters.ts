// SPDX-License-Identifier: Apache-2.0
/** Counters of the records as rows: what happened in each phase. */
import type { Cell, Declaration } from "../../contract/declaration.ts";
import { furtherOf } from "../../contract/further.ts";
import { damaged, type Line } from "../../contract/records.ts";
import { valuesOf } from "../../contract/tables.ts";
import type { Row } from "../engine/arrow.ts";
import { type Difference, type Snapshot, takeDifferences } from "./differences.ts";
import type { TrialFacts } from "./facts.ts";

/** Of counters and statistics: what their key is made of, and how far they moved. */
interface Moved extends Difference {
  parts: Cell[];
}

/**
 * Rows of a kind whose numbers count from the beginning of the trial.
 *
 * @param phases names in the order they happened
 * @throws {LabError} If a counter runs backwards.
 */
export function counterRows(
  lines: readonly Line[],
  declaration: Declaration,
  phases: readonly string[],
  facts: TrialFacts,
): Row[] {
  const { table } = declaration;
  if (table.form !== "counters") return [];
  const { trial } = facts;
  const rowOf = ({ phase, parts }: Moved): Record<string, Cell> => {
    const key = Object.fromEntries(table.key.map((name, at) => [name, parts[at] ?? null]));
    const derived = Object.entries(table.derived ?? {})
      .map(([name, { of }]) => [name, of(key, facts)] as const);
    return { trial, phase, ...key, ...Object.fromEntries(derived) };
  };
  const rows: Row[] = [];
  const values = valuesOf(declaration);
  const moved = values.map((value) => counted(lines, phases, facts, table.key, value));
  for (const [index, first] of (moved[0] ?? []).entries()) {
    const changes = moved.map((differences) => differences[index]!.change);
    if (table.zeros === "left out" && changes.every((change) => change === 0)) continue;
    rows.push({
      ...rowOf(first),
      ...Object.fromEntries(values.map((name, at) => [name, changes[at]!])),
    });
  }
  const { further } = table;
  if (further === undefined) return rows;
  const more = differencesOf(furtherSnapshots(lines, declaration, table.key), phases);
  refuseBackwards(more, facts);
  for (const difference of more) {
    const { change, parts } = difference;
    if (table.zeros === "left out" && change === 0) continue;
    const name = { [further.name.name]: parts.at(-1)!, [further.change.name]: change };
    rows.push({ ...rowOf(difference), ...name });
  }
  return rows;
}

/** The same where a number may fall too: some of KVM's statistics are gauges (pages_4k). */
export function statisticRows(
  lines: readonly Line[],
  declaration: Declaration,
  phases: readonly string[],
  { trial }: TrialFacts,
): Row[] {
  const { table } = declaration;
  if (table.form !== "statistics") return [];
  const { name, atEnd, change } = table.further;
  return differencesOf(furtherSnapshots(lines, declaration, table.key), phases).map((moved) => {
    const { phase, parts } = moved;
    const key = Object.fromEntries(table.key.map((each, at) => [each, parts[at] ?? null]));
    const said = { [name.name]: parts.at(-1)!, [atEnd.name]: moved.valueAtEnd };
    return { trial, phase, ...key, ...said, [change.name]: moved.change };
  });
}

function counted(
  lines: readonly Line[],
  phases: readonly string[],
  facts: TrialFacts,
  key: readonly string[],
  value: string,
): Moved[] {
  const snapshots = lines.map((line) => {
    return snapshot(line, key.map((name) => line[name] as Cell ?? null), Number(line[value]));
  });
  const differences = differencesOf(snapshots, phases);
  refuseBackwards(differences, facts);
  return differences;
}

function furtherSnapshots(
  lines: readonly Line[],
  declaration: Declaration,
  key: readonly string[],
): Snapshot[] {
  return lines.flatMap((line) => {
    const parts = key.map((name) => line[name] as Cell ?? null);
    return furtherOf(line, declaration).map(([name, value]) =>
      snapshot(line, [...parts, name], value)
    );
  });
}

function snapshot({ phase, line }: Line, key: Cell[], value: number): Snapshot {
  return { phase, key: JSON.stringify(key), value, line };
}

function differencesOf(snapshots: readonly Snapshot[], phases: readonly string[]): Moved[] {
  return takeDifferences(snapshots, phases)
    .map((difference) => ({ ...difference, parts: JSON.parse(difference.key) }));
}

function refuseBackwards(differences: readonly Difference[], { file }: TrialFacts): void {
  const backwards = differences.find(({ change }) => change < 0);
  if (backwards === undefined) return;
  const { key, change, line } = backwards;
  throw damaged(file, line, `the counter ${key} has run backwards by ${-change}`);
}
