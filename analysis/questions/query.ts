// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../../base/errors.ts";
import { openDatabase } from "../tables/database.ts";
import type { EngineKind } from "../engine/engine.ts";
import { isQuestionName, readQuestion } from "./questions.ts";
import { objectionToStatements } from "./statements.ts";
import type { Result } from "../engine/result.ts";

/** A query that takes longer than this is given up, ms. The lab's own take well under 1 s. */
const LIMIT_MS = 60_000;

export interface QueryOptions {
  /** After this long the query is given up, ms. */
  limit_ms?: number;
  engine?: EngineKind;
}

/** What the worker is asked. */
export interface Request {
  runFolder: string;
  sql: string;
  engine?: EngineKind;
}

/** What the worker answers. */
export type Reply =
  | { result: Result; problems: string[] }
  | { message: string; next: string | undefined };

/** An answer, and the trials it leaves out although run.json calls them done. */
export interface QueryAnswer extends Result {
  /** What the answer leaves out, and why: a sentence each. */
  problems: string[];
}

/**
 * Answers SQL, or one of the lab's questions by name, over the tables of a run.
 *
 * DuckDB cannot be interrupted from within, so it works in a thread of its own. If it is given up it
 * may go on working until the process ends: end the process after the error.
 *
 * @throws {LabError} If there is no such run or question, if the SQL is wrong (with DuckDB's
 * message), or if it takes longer than the limit.
 */
export async function runQuery(
  runFolder: string,
  sqlOrQuestionName: string,
  { limit_ms = LIMIT_MS, engine = "wasm" }: QueryOptions = {},
): Promise<QueryAnswer> {
  const sql = await sqlOf(sqlOrQuestionName);
  const reply = await askWorker({ runFolder, sql, engine }, limit_ms);
  if ("message" in reply) throw new LabError(reply.message, reply.next);
  return { ...reply.result, problems: reply.problems };
}

/**
 * The SQL that is meant: that of a question, if a single word names one, or the text itself.
 *
 * @throws {LabError} If there is no such question, or nothing was written.
 */
export async function sqlOf(sqlOrQuestionName: string): Promise<string> {
  const text = sqlOrQuestionName.trim();
  if (isQuestionName(text)) return (await readQuestion(text)).sql;
  const objection = objectionToStatements(text);
  if (objection === undefined) return text;
  throw new LabError(
    `Cannot run the query: ${objection}`,
    "Write one statement; WITH puts a query into another one",
  );
}

function askWorker(request: Request, limit_ms: number): Promise<Reply> {
  const worker = new Worker(import.meta.resolve("./query_worker.ts"), { type: "module" });
  return new Promise<Reply>((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `Cannot run the query: it has not finished after ${limit_ms / 1000} s`;
      reject(new LabError(message, "Ask for less, or look for a join without a condition."));
    }, limit_ms);
    worker.onmessage = ({ data }: MessageEvent<Reply>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`The query's worker failed: ${event.message}`));
    };
    worker.addEventListener("message", () => clearTimeout(timer));
    worker.addEventListener("error", () => clearTimeout(timer));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}

/** Answers a query in this thread, without a limit. Mistakes become a reply, not an error. */
export async function reply({ runFolder, sql, engine }: Request): Promise<Reply> {
  try {
    const database = await openDatabase(runFolder, engine);
    try {
      const result = await database.query(sql);
      return { result, problems: database.problems.map(({ message }) => message) };
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof LabError) return { message: error.message, next: error.next };
    throw error;
  }
}
