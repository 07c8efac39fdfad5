// SPDX-License-Identifier: Apache-2.0
import type { Drawing } from "../figures/chart.ts";
import type { Finding } from "../findings/finding.ts";
import type { Question } from "../questions/questions.ts";
import type { Answer, Result } from "../engine/result.ts";
import type { Term } from "./glossary.ts";
import type { RunFile } from "../../contract/run_file.ts";

/** Everything that a report is made of. */
export interface Material {
  run: RunFile;
  findings: Finding[];
  /** Answers by name of question. */
  answers: Readonly<Record<string, Result>>;
  questions: Question[];
  /** Charts by name. */
  drawings: Readonly<Record<string, Drawing>>;
  /** Rows of `trials`. */
  trials: readonly Answer[];
  /** Rows of `failures`. */
  failures: readonly Answer[];
  /** End of the logs of failed trials that left no console excerpt, by trial. */
  lastLogs: Readonly<Record<string, string>>;
  /** Words that the page explains. */
  glossary: readonly Term[];
}
