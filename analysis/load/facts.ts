// SPDX-License-Identifier: Apache-2.0
import type { Row } from "../engine/arrow.ts";
import type { Processor } from "../../machines/machine.ts";

/** Rows by table name. */
export type Tables = Record<string, Row[]>;

/** What is known of the trial that its rows belong to, and of the processor that it ran on. */
export interface TrialFacts extends Processor {
  trial: string;
  /** Name of the records file, for messages. */
  file: string;
  /** Wall-clock seconds by phase. */
  phaseWall_s: Readonly<Record<string, number>>;
}
