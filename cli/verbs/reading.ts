// SPDX-License-Identifier: Apache-2.0
/** Verbs that read what was measured. */
import { LabError } from "../../base/errors.ts";
import type { CompareRequest } from "../compare.ts";
import { engine, flag, json, runArgument } from "../flags.ts";
import type { PackRequest } from "../pack.ts";
import { questionNames, runAndPackNames } from "../proposals.ts";
import type { QueryRequest } from "../query.ts";
import type { ReportRequest } from "../report.ts";
import { type Needs, verb } from "../verb.ts";
import type { ViewRequest } from "../view.ts";

type Engine = ReportRequest["engine"];

/** Of whatever reads a run with DuckDB: as WebAssembly it asks how many cores there are. */
function reading(engine: Engine): Needs {
  return engine === "native" ? { native: "load", variables: ["cache"] } : { system: ["cpus"] };
}

export const report = verb({
  summary: "write the report of a run anew",
  parameters: {
    flags: { engine },
    positional: { kind: "tuple", parameters: [runArgument] },
  },
  examples: [["report RUN", "reports/RUN/index.html and all that lies beside it"]],
  exits: { 2: "bad usage, or records of the run are broken: the report is written without them" },
  request: (flags: { engine: Engine }, [run]: [string]): ReportRequest => ({ ...flags, run }),
  needs: ({ engine }) => ({ ...reading(engine), write: ["reports"] }),
  load: async () => (await import("../report.ts")).report,
});

export const query = verb({
  summary: "ask a run's tables a question, in SQL or by name",
  more: "Ask a run's tables a question, in SQL or by name. Questions lie in analysis/questions/; " +
    "analysis/tables/schema.sql says what is in the tables.",
  parameters: {
    flags: { json, engine },
    positional: {
      kind: "tuple",
      parameters: [runArgument, {
        parse: String,
        placeholder: "QUESTION|SQL",
        brief: "the name of a question, or SQL as one word",
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
  ],
  exits: { 2: "bad usage, or records of the run are broken: the answer is without them" },
  request: (
    flags: { json: boolean; engine: Engine },
    [run, question]: [string, string],
  ): QueryRequest => ({ ...flags, run, question }),
  needs: ({ engine }) => ({
    ...reading(engine),
    variables: ["terminal", ...reading(engine).variables ?? []],
  }),
  load: async () => (await import("../query.ts")).query,
});

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
    "machine can reach it.",
  parameters: {
    flags: {
      port: {
        kind: "parsed",
        parse: portNumber,
        placeholder: "N",
        brief: "at this port, and so at the same address each time; any that is free if not given",
        optional: true,
      },
    },
    positional: { kind: "array", parameter: runArgument, minimum: 1 },
  },
  examples: [
    ["view RUN RUN", "two runs side by side"],
    ["view RUN --port 8000", "at http://127.0.0.1:8000/"],
  ],
  request: ({ port = 0 }: { port?: number }, runs: string[]): ViewRequest => ({ runs, port }),
  needs: ({ port }) => ({ port }),
  load: async () => (await import("../view.ts")).view,
});

const comparable = {
  ...runArgument,
  brief: "a run, a pack (RUN.tar.zst), or reference",
  proposeCompletions: runAndPackNames,
} as const;

export const compare = verb({
  summary: "hold two runs against each other, number by number",
  parameters: {
    flags: { json },
    positional: { kind: "tuple", parameters: [comparable, comparable] },
  },
  examples: [
    ["compare RUN RUN.tar.zst", "a run and somebody else's; a page in reports/"],
    ["compare reference RUN", "what moved since the reference"],
  ],
  exits: { 0: "every number is the same", 1: "some differ" },
  request: (flags: { json: boolean }, [a, b]: [string, string]): CompareRequest => ({
    ...flags,
    runs: [a, b],
  }),
  /* Packs and the reference are unpacked into the cache. */
  needs: () => ({
    write: ["cache", "reports"],
    run: true,
    system: ["cpus", "statfs"],
    variables: ["terminal", "cache", "programs"],
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
