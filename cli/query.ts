// SPDX-License-Identifier: Apache-2.0
import {
  type EngineKind,
  formatJson,
  formatMarkdown,
  formatTable,
  type Result,
  resultParquet,
  runQuery,
  toCsv,
} from "../analysis/mod.ts";
import { LabError } from "../base/errors.ts";
import { withNamedRun } from "../packs/named_run.ts";
import type { Format } from "./query_formats.ts";

export interface QueryRequest {
  run: string;
  /** The name of a question or SQL, or a file with one; standard input if it is neither. */
  asked: { question?: string; file?: string };
  format: Format;
  /** All digits, and all of every text. */
  full: boolean;
  engine: EngineKind;
}

/** `lab query RUN SQL`. Broken records are named, left out, and end in status 2. */
export async function query({ run, asked, format, full, engine }: QueryRequest): Promise<number> {
  if (format === "parquet" && Deno.stdout.isTerminal()) {
    throw new LabError(
      "Cannot write Parquet to a terminal: it is no text",
      "Send it to a file: ./lab query ... --format parquet > FILE",
    );
  }
  const question = await textOf(asked);
  const answer = await withNamedRun(run, (dir) => runQuery(dir, question, { engine }));
  for (const problem of answer.problems) console.error(problem);
  await write(answer, format, full);
  return answer.problems.length === 0 ? 0 : 2;
}

async function textOf({ question, file }: QueryRequest["asked"]): Promise<string> {
  if (question !== undefined) return question;
  if (file === undefined || file === "-") {
    if (Deno.stdin.isTerminal()) console.error("The question, then Ctrl+D:");
    return await new Response(Deno.stdin.readable).text();
  }
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : (error as Error).message;
    throw new LabError(`Cannot read the question in ${file}: ${reason}`);
  }
}

async function write(answer: Result, format: Format, full: boolean): Promise<void> {
  switch (format) {
    case "parquet":
      await new Blob([resultParquet(answer)]).stream().pipeTo(Deno.stdout.writable);
      return;
    case "csv":
      await new Blob([toCsv(answer)]).stream().pipeTo(Deno.stdout.writable);
      return;
    case "md":
      return console.log(formatMarkdown(answer));
    case "json":
      return console.log(formatJson(answer));
    case "table": {
      const width = Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
      return console.log(formatTable(answer, { width, full }));
    }
  }
}
