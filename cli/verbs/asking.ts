// SPDX-License-Identifier: Apache-2.0
/** Verbs that say what can be asked, and what words and codes mean. */
import type { ExplainRequest } from "../explain.ts";
import { json } from "../flags.ts";
import { questionNames, tableNames, termNames } from "../proposals.ts";
import type { QuestionsRequest } from "../questions.ts";
import type { SchemaRequest } from "../schema.ts";
import { verb } from "../verb.ts";

interface Json {
  json: boolean;
}

export const questions = verb({
  summary: "list the lab's questions, which can be asked by name",
  parameters: {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "WORD",
        brief: "only those in which it stands",
        optional: true,
        proposeCompletions: questionNames,
      }],
    },
  },
  examples: [
    ["questions", "a line each: name and question"],
    ["questions refault", "those that say something of refaults"],
  ],
  request: (flags: Json, [word]: [string?]): QuestionsRequest => ({ ...flags, word }),
  needs: () => ({ read: "checkout" }),
  load: async () => (await import("../questions.ts")).questions,
});

export const schema = verb({
  summary: "say which tables a run has, and what their columns mean",
  parameters: {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "TABLE",
        brief: "one table's columns; all tables, a line each, if not given",
        optional: true,
        proposeCompletions: tableNames,
      }],
    },
  },
  examples: [
    ["schema", "all tables"],
    ["schema exits", "the columns of one, with their units"],
  ],
  request: (flags: Json, [table]: [string?]): SchemaRequest => ({ ...flags, table }),
  needs: () => ({ system: ["cpus"] }),
  load: async () => (await import("../schema.ts")).schema,
});

export const explain = verb({
  summary: "say what a code or a term means",
  more:
    "Say what a code or a term means: exit reasons and fault codes by number, words of the glossary, " +
    "factors, columns, phases, workloads.",
  parameters: {
    flags: { json },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: String,
        placeholder: "CODE|TERM",
        brief: "a number, decimal or with 0x, or words",
        proposeCompletions: termNames,
      },
    },
  },
  examples: [
    ["explain 0x400", "an exit reason"],
    ["explain 0x100000004", "an error code of a second-level fault"],
    ["explain refault", "a word of the glossary"],
  ],
  request: (flags: Json, words: string[]): ExplainRequest => ({ ...flags, term: words.join(" ") }),
  needs: () => ({ read: "checkout" }),
  load: async () => (await import("../explain.ts")).explain,
});
