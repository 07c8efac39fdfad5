// SPDX-License-Identifier: Apache-2.0
import { BEFORE } from "../../contract/before.ts";

/** A cumulative counter as it stood at one moment of a trial. */
export interface Snapshot {
  phase: string;
  /** What is counted, e.g. guest and exit code. */
  key: string;
  /** Count since the guest or the host started. */
  value: number;
  /** Line of the records file, from 1. */
  line: number;
}

/** How far a counter moved in one phase. */
export interface Difference {
  phase: string;
  key: string;
  /**
   * Value at the end of this phase minus value at the end of the phase before; before the first, what
   * stood there before the trial, or 0.
   */
  change: number;
  valueAtEnd: number;
  line: number;
}

/**
 * Takes the differences of cumulative counters between phase ends.
 *
 * The last snapshot of a key in a phase is the one at its end. A key that a phase does not mention
 * has not moved in it. A key counts from what was read before the trial, else from 0.
 *
 * @param phases names in the order they happened; snapshots of other phases are left out
 */
export function takeDifferences(
  snapshots: readonly Snapshot[],
  phases: readonly string[],
): Difference[] {
  const position = new Map(phases.map((phase, index) => [phase, index]));
  const byKey = new Map<string, (Snapshot | undefined)[]>();
  const baseline = new Map<string, number>();
  for (const snapshot of snapshots) {
    const index = position.get(snapshot.phase);
    if (index === undefined) {
      if (snapshot.phase === BEFORE) baseline.set(snapshot.key, snapshot.value);
      continue;
    }
    const ends = byKey.get(snapshot.key) ?? [];
    ends[index] = snapshot;
    byKey.set(snapshot.key, ends);
  }
  const differences: Difference[] = [];
  for (const [key, ends] of byKey) {
    let before = baseline.get(key) ?? 0;
    for (const end of ends) {
      if (end === undefined) continue;
      const { phase, value, line } = end;
      differences.push({ phase, key, change: value - before, valueAtEnd: value, line });
      before = value;
    }
  }
  return differences;
}
