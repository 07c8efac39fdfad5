// SPDX-License-Identifier: Apache-2.0
/** What an imported or observed run says at once, before its report is written. */
import type { Answer } from "../../engine/result.ts";
import { readQuestion } from "../../questions/questions.ts";
import { openDatabase } from "../../tables/database.ts";
import type { Finding } from "../finding.ts";
import { outsideFindings, outsideQuestions } from "./outside.ts";

/** Findings, and the rows that they rest on, by question. */
export interface OutsideAnswer {
  /** The most important first. */
  findings: Finding[];
  /** Rows by name of question. */
  answers: Record<string, readonly Answer[]>;
}

/** Asks a run that was imported or observed. @throws {LabError} If it cannot be read. */
export async function outsideAnswer(runFolder: string): Promise<OutsideAnswer> {
  const database = await openDatabase(runFolder);
  try {
    const [problem] = database.problems;
    if (problem !== undefined) throw problem;
    const answers: Record<string, readonly Answer[]> = {};
    for (const name of outsideQuestions) {
      const { sql } = await readQuestion(name);
      answers[name] = (await database.query(sql)).rows;
    }
    return { findings: outsideFindings({ run: database.run, answers }), answers };
  } finally {
    database.close();
  }
}
