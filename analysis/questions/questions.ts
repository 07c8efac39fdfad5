// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../../base/errors.ts";
import { nearestWord } from "../../base/nearest_word.ts";

/** A question that the lab has an answer to. */
export interface Question {
  /** Name of its file in questions/, without `.sql`. */
  name: string;
  /** The question in plain words: its first comment line. */
  question: string;
  /** Definitions and units: the rest of the comment. */
  notes: string;
  /** The statement, with its comments. */
  sql: string;
}

const FOLDER = new URL("./", import.meta.url);

/** All questions, sorted by name. */
export async function listQuestions(): Promise<Question[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (name.endsWith(".sql")) names.push(name.slice(0, -".sql".length));
  }
  return await Promise.all(names.sort().map(readQuestion));
}

/**
 * Reads one question.
 *
 * @throws {LabError} If there is none of that name; lists those there are.
 */
export async function readQuestion(name: string): Promise<Question> {
  let sql: string | undefined;
  if (isQuestionName(name)) {
    try {
      sql = await Deno.readTextFile(new URL(`${name}.sql`, FOLDER));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  if (sql === undefined) {
    const names = (await listQuestions()).map((question) => question.name);
    const near = nearestWord(name, names);
    throw new LabError(
      `Cannot answer "${name}": there is no such question`,
      near === undefined
        ? `Ask one of ${names.join(", ")}, or write SQL.`
        : `Did you mean "${near}"? ./lab questions lists them all`,
    );
  }
  const lines = sql.split("\n");
  const comment = lines.slice(0, lines.findIndex((line) => !line.startsWith("--")));
  const [question = "", ...notes] = comment.map((line) => line.slice(2).trim());
  return { name, question, notes: notes.join(" ").trim(), sql };
}

/** Whether text names a question rather than being SQL: one word of small letters. */
export function isQuestionName(text: string): boolean {
  return /^[a-z][a-z0-9_-]*$/.test(text);
}
