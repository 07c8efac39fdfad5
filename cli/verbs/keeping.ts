// SPDX-License-Identifier: Apache-2.0
/** Verbs that see to the lab itself. */
import type { CleanRequest } from "../clean.ts";
import { type CompletionRequest, shells } from "../completion.ts";
import { flag, json, oneOf, wholeNumber } from "../flags.ts";
import type { LockRequest } from "../lock.ts";
import type { TestRequest } from "../run_tests.ts";
import { type Needs, verb } from "../verb.ts";

/** Of whatever starts programs. */
const starting: Needs = { run: true, variables: ["cache", "programs"] };

export const lock = verb({
  summary: "check or update the versions of all sources and packages that are locked",
  more:
    "Check whether the exact versions of all locked sources and packages can still be had, or move the " +
    "locks to the newest versions of their lines.",
  parameters: {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: oneOf("check", "update"),
        placeholder: "check|update",
        brief: "what to do with the locks",
        proposeCompletions: () => ["check", "update"],
      }],
    },
  },
  examples: [
    ["lock check", "can the locked versions still be had?"],
    ["lock update", "the newest versions; the patches may then have to be rebased"],
  ],
  exits: { 1: "a locked version is gone from mirror, archive and cache" },
  request: (
    flags: { json: boolean },
    [action]: [LockRequest["action"]],
  ): LockRequest => ({ ...flags, action }),
  needs: ({ action }) => ({
    ...starting,
    packages: ["debian", "lock"],
    write: action === "check"
      ? ["cache"]
      : ["cache", "kernel", "emulator", "debian", "hosts", "workloads"],
  }),
  load: async () => (await import("../lock.ts")).lock,
});

export const doctor = verb({
  summary: "say what this machine can do, and why",
  parameters: { flags: { json } },
  examples: [["doctor", "can it emulate a host, can it be one?"]],
  exits: { 2: "bad usage, or this machine can do neither" },
  request: (flags: { json: boolean }) => flags,
  needs: () => ({
    ...starting,
    write: ["cache"],
    system: ["osRelease", "systemMemoryInfo", "statfs"],
  }),
  load: async () => (await import("../doctor.ts")).doctor,
});

export const clean = verb({
  summary: "delete what was built and downloaded",
  more:
    "Delete what was built, and trials that were kept. It costs time, never data: reports/ is left alone.",
  parameters: {
    flags: {
      downloads: flag("delete downloaded sources and packages, too"),
      dryRun: flag("say what would be deleted, and how large it is, and delete nothing"),
    },
  },
  examples: [
    ["clean --dry-run", "what would go"],
    ["clean", "frees the space of builds and kept trials"],
  ],
  request: (flags: CleanRequest) => flags,
  needs: () => ({ read: "cache", write: ["cache"], variables: ["cache"] }),
  load: async () => (await import("../clean.ts")).clean,
});

export const test = verb({
  summary: "check and test the lab itself (--quick: without booting anything)",
  more:
    "Check and test the lab itself. The last line is `N passed, N failed`. Tests that would take " +
    "long carry out a sample of their cases; one that is named carries out all.",
  parameters: {
    flags: {
      quick: flag("without booting anything"),
      fuzz: {
        kind: "parsed",
        parse: wholeNumber("--fuzz", 1, 10_000_000),
        placeholder: "N",
        brief: "only the tests that try made-up inputs, N of them each; 1000 in other calls",
        optional: true,
      },
    },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        placeholder: "NAME",
        brief: "only tests/NAME_test.ts, with all of its cases",
      },
    },
  },
  examples: [
    ["test --quick", "form, lint, types, and tests that take seconds"],
    ["test documented full_disk", "two tests that boot something, with all of their cases"],
    ["test --fuzz 100000", "files and words from elsewhere, made up: half an hour or more"],
  ],
  exits: { 1: "a check or a test failed" },
  request: (flags: Omit<TestRequest, "names">, names: string[]): TestRequest => ({
    ...flags,
    names,
  }),
  needs: ({ quick }) => ({
    ...starting,
    packages: ["debian", "test"],
    emulates: true,
    ...(quick ? {} : { native: "fetch" as const }),
    write: ["cache", "reports", "scratch"],
  }),
  load: async () => (await import("../run_tests.ts")).test,
});

export const completion = verb({
  summary: "print what makes a shell complete the lab's verbs, flags and names",
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{
        parse: oneOf(...shells),
        placeholder: shells.join("|"),
        brief: "for which shell",
        proposeCompletions: () => [...shells],
      }],
    },
  },
  examples: [
    [`completion bash`, `in bash: eval "$(./lab completion bash)"`],
    ["completion zsh", `in zsh, after compinit: eval "$(./lab completion zsh)"`],
    ["completion fish", "in fish: ./lab completion fish | source"],
  ],
  request: (
    _: Record<never, never>,
    [shell]: [CompletionRequest["shell"]],
  ): CompletionRequest => ({ shell }),
  needs: () => ({ read: "checkout" }),
  load: async () => (await import("../completion.ts")).completion,
});
