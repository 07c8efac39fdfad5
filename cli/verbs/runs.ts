// SPDX-License-Identifier: Apache-2.0
/** Verbs about the runs that are there. */
import { flag, json, runArgument } from "../flags.ts";
import type { RmRequest } from "../rm.ts";
import { verb } from "../verb.ts";

export const runs = verb({
  summary: "list the runs that were made here, with state, size and finding",
  parameters: { flags: { json } },
  examples: [["runs", "a line each, the newest first"]],
  request: (flags: { json: boolean }) => flags,
  needs: () => ({ read: "checkout" }),
  load: async () => (await import("../runs.ts")).runs,
});

export const rm = verb({
  summary: "delete the folders of runs in reports/",
  more:
    "Delete the folders of runs in reports/. What their trials gave stays in the cache, and other runs " +
    "take it from there: `lab clean` empties that.",
  parameters: {
    flags: { yes: flag("do not ask") },
    positional: { kind: "array", parameter: runArgument, minimum: 1 },
  },
  examples: [
    ["rm RUN", "asks first"],
    ["rm latest --yes", "the newest, at once"],
  ],
  request: ({ yes }: { yes: boolean }, runs: string[]): RmRequest => ({ runs, yes }),
  needs: () => ({ read: "checkout", write: ["reports"] }),
  load: async () => (await import("../rm.ts")).rm,
});
