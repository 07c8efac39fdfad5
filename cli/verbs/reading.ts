// SPDX-License-Identifier: Apache-2.0
/** Verbs that read what was measured. */
import { LabError } from "../../base/errors.ts";
import type { CompareRequest } from "../compare.ts";
import { engine, flag, json, oneOf, openFlag, runArgument } from "../flags.ts";
import { type KernelLine, kernelLines } from "../../kernel/lines.ts";
import type { PackRequest } from "../pack.ts";
import { questionNames, runAndPackNames } from "../proposals.ts";
import { type Format, formats } from "../query_formats.ts";
import type { QueryRequest } from "../query.ts";
import type { ReportRequest } from "../report.ts";
import type { SeriesRequest } from "../series.ts";
import { type Needs, verb } from "../verb.ts";
import { opening, together } from "../working.ts";
import type { ViewRequest } from "../view.ts";

type Engine = ReportRequest["engine"];

/** Of whatever reads a run with DuckDB: as WebAssembly it asks how many cores there are. */
function reading(engine: Engine): Needs {
  return engine === "native" ? { native: "load", variables: ["cache"] } : { system: ["cpus"] };
}

/** The argument RUN of whatever reads: also packs, and the committed run. */
const readable = {
  ...runArgument,
  brief: "a run by its name, the beginning of it or its folder; latest, reference, or a pack",
  proposeCompletions: runAndPackNames,
} as const;

export const report = verb({
  summary: "write the report of a run anew",
  parameters: {
    flags: { open: openFlag, engine },
    positional: { kind: "tuple", parameters: [readable] },
  },
  examples: [["report RUN", "reports/RUN/index.html and all that lies beside it"]],
  exits: { 2: "bad usage, or records of the run are broken: the report is written without them" },
  request: (
    flags: { open: boolean; engine: Engine },
    [run]: [string],
  ): ReportRequest => ({ ...flags, run }),
  needs: ({ run, open, engine }) =>
    together(
      reading(engine),
      { write: ["reports"] },
      opening([run]),
      open ? { run: true, variables: ["programs", "desktop"] } : {},
    ),
  load: async () => (await import("../report.ts")).report,
});

export const query = verb({
  summary: "ask a run's tables a question, in SQL or by name",
  more: "Ask a run's tables a question, in SQL or by name. Questions lie in analysis/questions/; " +
    "analysis/tables/schema.sql says what is in the tables. A query may take 2048 MiB of memory and a " +
    "minute, and its answer have ten million values.",
  parameters: {
    flags: {
      json,
      format: {
        kind: "enum",
        values: formats,
        brief: "what the answer is written as; table if not given",
        optional: true,
      },
      file: {
        kind: "parsed",
        parse: String,
        placeholder: "FILE",
        brief: "a file with the question; - is standard input",
        optional: true,
      },
      full: flag("all digits of all numbers, and all of every text"),
      engine,
    },
    aliases: { f: "file" },
    positional: {
      kind: "tuple",
      parameters: [readable, {
        parse: String,
        placeholder: "QUESTION|SQL",
        brief: "the name of a question, or SQL as one word; standard input if not given",
        optional: true,
        proposeCompletions: questionNames,
      }],
    },
  },
  examples: [
    ["query RUN refaults_per_merged_page", "a question by name"],
    [
      `query RUN "SELECT reason, sum(count) FROM exits WHERE phase = 'touch' GROUP BY ALL" --json`,
      "SQL",
    ],
    ["query latest -f FILE --format csv", "of the newest run; also md, json and parquet"],
  ],
  exits: { 2: "bad usage, or records of the run are broken: the answer is without them" },
  request: (flags: QueryFlags, [run, question]: [string, string?]): QueryRequest => {
    const { json, format, file, full, engine } = flags;
    if (json && format !== undefined && format !== "json") {
      throw new LabError(`Cannot query: --json and --format ${format} exclude each other`);
    }
    if (question !== undefined && file !== undefined) {
      throw new LabError("Cannot query: the question is there twice", "Leave out one, or --file");
    }
    const asked = question !== undefined ? { question } : file !== undefined ? { file } : {};
    return { run, asked, format: json ? "json" : format ?? "table", full, engine };
  },
  needs: ({ run, engine }) =>
    together({ variables: ["terminal"] }, reading(engine), opening([run])),
  load: async () => (await import("../query.ts")).query,
});

export const series = verb({
  summary: "write the letter before the kernel series, with the numbers of a run",
  more:
    "Write the letter that goes before the kernel series when it is posted: what a run measured of " +
    "refaults and flushes, its digest, and the command that carries it out again. Whoever posts it signs it.",
  parameters: {
    flags: {
      line: {
        kind: "parsed",
        parse: oneOf(...kernelLines),
        placeholder: kernelLines.join("|"),
        brief: "of which kernel",
        default: kernelLines[0]!,
        proposeCompletions: () => [...kernelLines],
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: oneOf("cover"),
        placeholder: "cover",
        brief: "what to write",
        proposeCompletions: () => ["cover"],
      }, readable],
    },
  },
  examples: [["series cover reference", "from the committed run"]],
  request: ({ line }: { line: KernelLine }, [, run]: ["cover", string]): SeriesRequest => {
    return { line, run };
  },
  needs: ({ run }) => together(reading("wasm"), opening([run])),
  load: async () => (await import("../series.ts")).series,
});

interface QueryFlags {
  json: boolean;
  format?: Format;
  file?: string;
  full: boolean;
  engine: Engine;
}

const lastPort = 65_535;

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= lastPort) return port;
  throw new LabError(`Cannot view: "${text}" is no port`, `A port is 1 to ${lastPort}`);
}

export const view = verb({
  summary: "ask the tables of one run or several on a page of this machine",
  more:
    "Ask the tables of one run or several on a page of this machine, until Ctrl+C. Nobody but this " +
    "machine can reach it, and nobody but who is given the address that is printed: it is another each time.",
  parameters: {
    flags: {
      port: {
        kind: "parsed",
        parse: portNumber,
        placeholder: "N",
        brief: "at this port; any that is free if not given",
        optional: true,
      },
    },
    positional: { kind: "array", parameter: readable, minimum: 1 },
  },
  examples: [
    ["view RUN RUN", "two runs side by side"],
    ["view RUN --port 8000", "at http://127.0.0.1:8000/ and a token"],
  ],
  request: ({ port = 0 }: { port?: number }, runs: string[]): ViewRequest => ({ runs, port }),
  needs: ({ runs, port }) => together({ port }, opening(runs)),
  load: async () => (await import("../view.ts")).view,
});

const comparable = {
  ...runArgument,
  brief: "a run, a pack (RUN.tar.zst), or reference",
  proposeCompletions: runAndPackNames,
} as const;

export const compare = verb({
  summary: "hold a run against others, number by number",
  more:
    "Hold the first run against each of the others, number by number. A condition is the name of a headline " +
    "(refaults, vmexits-in-merge, vmexits-in-touch, merged-pages, memory-saved, convergence, ksmd), > or <, and " +
    "by how much the other run may be above or below the first, as a share of it or as an amount.",
  parameters: {
    flags: {
      failOn: {
        kind: "parsed",
        parse: String,
        placeholder: "CONDITION",
        brief: 'fail where this holds, and only there, such as "refaults > 5%"; can be given again',
        variadic: true,
        optional: true,
      },
      json,
    },
    positional: { kind: "array", parameter: comparable, minimum: 2 },
  },
  examples: [
    ["compare RUN RUN.tar.zst", "a run and somebody else's; a page in reports/"],
    ["compare reference RUN", "what moved since the reference"],
    ["compare RUN RUN RUN", "the first against each of the others"],
    ['compare reference RUN --fail-on "refaults > 5%"', "for a pipeline: fails if refaults rose"],
  ],
  exits: {
    0: "every number is the same; with --fail-on: no condition holds",
    1: "some differ; with --fail-on: a condition holds",
  },
  request: (
    { failOn = [], json }: { failOn?: readonly string[]; json: boolean },
    runs: string[],
  ): CompareRequest => ({ runs, failOn, json }),
  /* Packs and the reference are unpacked into the cache. */
  needs: () => ({
    write: ["cache", "reports"],
    system: ["cpus", "statfs"],
    variables: ["terminal", "cache"],
  }),
  load: async () => (await import("../compare.ts")).compare,
});

export const pack = verb({
  summary: "pack a run with all it ran on into one archive that others can check",
  parameters: {
    flags: {
      sources: flag("with the sources of all that is in it, for places without Debian's mirror"),
      json,
    },
    positional: { kind: "tuple", parameters: [runArgument] },
  },
  examples: [["pack RUN", "reports/RUN.tar.zst; the same run gives the same bytes"]],
  works: true,
  request: (
    flags: { sources: boolean; json: boolean },
    [run]: [string],
  ): PackRequest => ({ ...flags, run }),
  needs: () => ({
    packages: ["debian"],
    emulates: true,
    write: ["cache", "reports"],
    run: true,
    system: ["cpus", "statfs"],
    variables: ["cache", "programs"],
  }),
  load: async () => (await import("../pack.ts")).pack,
});

export const experiments = verb({
  summary: "list the experiments that come with the lab",
  parameters: { flags: { json } },
  examples: [["experiments", "a line each: name, title, question"]],
  request: (flags: { json: boolean }) => flags,
  needs: () => ({ read: "checkout" }),
  load: async () => (await import("../experiments.ts")).experiments,
});
