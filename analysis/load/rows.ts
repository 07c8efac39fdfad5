// SPDX-License-Identifier: Apache-2.0
/** The records of a trial as rows, each kind in the way that its declaration says. */
import type { Declaration } from "../../contract/declaration.ts";
import { kinds } from "../../contract/kinds.ts";
import type { Kinds } from "../../contract/record.ts";
import type { LineOf, Records, RecordsByKind } from "../../contract/records.ts";
import { counterRows, statisticRows } from "./counters.ts";
import type { Tables, TrialFacts } from "./facts.ts";
import { phaseRows } from "./phase_rows.ts";
import { readingRows } from "./readings.ts";
import { recordedRows } from "./recorded.ts";

/**
 * Turns the records of a finished trial into rows, with the differences of its counters taken.
 *
 * @throws {LabError} If a counter runs backwards or the phases do not follow each other.
 */
export function rowsOf(records: Records, facts: TrialFacts): Tables {
  return rowsOfKinds(records, kinds, facts);
}

/** As {@linkcode rowsOf}, for any kinds. */
export function rowsOfKinds(records: RecordsByKind, kinds: Kinds, facts: TrialFacts): Tables {
  const { trial } = facts;
  const phases = phaseRows((records.phases ?? []) as LineOf<"phases">[], facts);
  const order = phases.map(({ phase }) => String(phase));
  const tables: Tables = { phases };
  for (const [kind, declaration] of Object.entries(kinds)) {
    const lines = records[kind] ?? [];
    switch (declaration.table.form) {
      case "as recorded":
        Object.assign(tables, recordedRows(kind, lines, declaration, trial));
        break;
      case "counters":
        tables[kind] = counterRows(lines, declaration, order, facts);
        break;
      case "statistics":
        tables[kind] = statisticRows(lines, declaration, order, facts);
        break;
      case "readings":
        tables[kind] = readingRows(lines, declaration, trial);
        break;
      case "own":
        break;
    }
  }
  return tables;
}

/** Rows of what a trial that failed has said: why, and what went before. */
export function remainingRows(records: Records, trial: string): Tables {
  return Object.fromEntries(
    Object.entries<Declaration>(kinds).filter(([, { ofFailedTrials }]) => ofFailedTrials)
      .flatMap(([kind, declaration]) =>
        Object.entries(recordedRows(kind, (records as RecordsByKind)[kind]!, declaration, trial))
      ),
  );
}
