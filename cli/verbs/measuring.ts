// SPDX-License-Identifier: Apache-2.0
/** Verbs that measure. */
import { LabError } from "../../base/errors.ts";
import { mostTrials } from "../../bench/experiment.ts";
import { parseOverrides } from "../../bench/overrides.ts";
import { defaultJobs, mostJobs, runRequest, type RunSubject } from "../../bench/request.ts";
import { isPack, referenceName } from "../../packs/names.ts";
import type { BenchRequest } from "../bench.ts";
import type { DemoRequest } from "../demo.ts";
import {
  flag,
  json,
  listOf,
  oneOf,
  openFlag,
  runArgument,
  talk,
  talkAliases,
  talkOf,
  wholeNumber,
} from "../flags.ts";
import { type MachineFlags, machineFlags, machineNeeds, machinesOf } from "./machines.ts";
import type { NewRequest } from "../new_experiment.ts";
import {
  experimentNames,
  hostNames,
  overrideNames,
  runAndPackNames,
  runNames,
} from "../proposals.ts";
import type { ReferenceRequest } from "../reference.ts";
import type { RunVerbRequest } from "../run.ts";
import type { VerifyRequest } from "../verify.ts";
import { verb } from "../verb.ts";
import { building, running, together } from "../working.ts";

const jobs = {
  kind: "parsed",
  parse: wholeNumber("--jobs", 1, mostJobs),
  placeholder: "N",
  brief: "trials at a time; as many as there are cores if not given",
  optional: true,
} as const;

interface RunFlags extends MachineFlags {
  set?: readonly string[];
  jobs?: number;
  host: string;
  fork: boolean;
  trace: boolean;
  fresh: boolean;
  strict: boolean;
  resume?: string;
  withNames: boolean;
  plan: boolean;
  yes: boolean;
  quiet: boolean;
  verbose: boolean;
  open: boolean;
  json: boolean;
}

export const run = verb({
  summary: "run an experiment, from its file to a report",
  more:
    "Run an experiment, from its file to a report. `./lab experiments` lists those that come with " +
    "the lab; docs/FACTORS.md lists the factors.",
  parameters: {
    flags: {
      set: {
        kind: "parsed",
        parse: String,
        placeholder: "FACTOR=LEVEL,...",
        brief: "other levels for a factor; can be given several times",
        variadic: true,
        optional: true,
        proposeCompletions: overrideNames,
      },
      jobs,
      host: {
        kind: "parsed",
        parse: String,
        placeholder: "KIND",
        brief: "where trials are carried out: a kind of host, see hosts/",
        default: "emulated",
        proposeCompletions: hostNames,
      },
      ...machineFlags,
      fork: {
        kind: "boolean",
        brief: "let trials go on from one state where they can; --no-fork boots each of them",
        default: true,
      },
      trace: flag("every fault one by one, and why it happened: --set observe=trace"),
      fresh: flag("carry out trials that were measured before, too"),
      strict: flag("begin no other trial once one has failed"),
      resume: {
        kind: "parsed",
        parse: String,
        placeholder: "RUN",
        brief: "go on with a run that was interrupted",
        optional: true,
        proposeCompletions: runNames,
      },
      withNames: flag("record who ran it, on which machine and in which folder"),
      plan: flag(
        "say how many trials there are, how many are cached, and what it takes; run nothing",
      ),
      yes: flag("do not ask, even where it takes more than an hour"),
      ...talk,
      open: openFlag,
      json,
    },
    aliases: talkAliases,
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "EXPERIMENT",
        brief: "an experiment's name, or a JSON file; default if not given",
        optional: true,
        proposeCompletions: experimentNames,
      }],
    },
  },
  examples: [
    ["run smoke", "one workload, two guests, both arms: a quick look"],
    ["run default --set guests=8 --set thp=always", "other levels of any factor"],
    ["run smoke --set kernel=6.1,6.12", "host kernels of two lines side by side"],
    ["run default --plan", "what it would take; nothing is run"],
    ["run --resume RUN", "finish a run that was interrupted"],
    ["run default --on slurm --partition short --check 2%", "on a site's Slurm; some trials twice"],
    [
      "run default --strict",
      "stop at the first trial that fails, instead of carrying out all others",
    ],
  ],
  exits: { 1: "a trial failed" },
  works: true,
  request: (flags: RunFlags, [experiment]: [string?], words: readonly string[]): RunVerbRequest => {
    const { set = [], resume, jobs, json, plan, yes, quiet, verbose, open } = flags;
    const { host, fork, trace, fresh, strict, withNames } = flags;
    const more = { host, fork, trace, fresh, strict, withNames, on: machinesOf(flags) };
    if (resume !== undefined && plan) {
      throw new LabError("Cannot plan a run that has begun", "./lab runs says how far it is");
    }
    if (resume !== undefined && (experiment !== undefined || set.length > 0 || flags.trace)) {
      throw new LabError("Cannot resume with other settings: a run keeps those it began with");
    }
    const subject: RunSubject = resume === undefined
      ? { experiment: experiment ?? "default", overrides: parseOverrides(set) }
      : { resume };
    const run = runRequest(subject, words, { ...more, ...(jobs === undefined ? {} : { jobs }) });
    return { run, plan, yes, talk: talkOf({ quiet, verbose }), open, json };
  },
  needs: ({ run: { withNames, on }, open }) =>
    together(
      running,
      on === undefined ? {} : machineNeeds(on),
      withNames ? { system: ["hostname"] } : {},
      open ? { variables: ["desktop"] } : {},
    ),
  load: async () => (await import("../run.ts")).run,
});

export const demo = verb({
  summary: "show the effect, in under a minute once all is built",
  parameters: { flags: { ...talk, open: openFlag }, aliases: talkAliases },
  examples: [["demo", "two guests, with the callback off and on, and what it is about"]],
  exits: { 1: "a trial failed" },
  works: true,
  request: (
    { open, ...flags }: { quiet: boolean; verbose: boolean; open: boolean },
  ): DemoRequest => ({ open, talk: talkOf(flags) }),
  needs: ({ open }) => together(running, open ? { variables: ["desktop"] } : {}),
  load: async () => (await import("../demo.ts")).demo,
});

export const makeNew = verb({
  summary: "write an experiment with comments, to be changed",
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "NAME", brief: "what it will be called" }],
    },
  },
  examples: [["new mine", "experiments/mine.jsonc, which ./lab run mine runs"]],
  request: (_: Record<never, never>, [name]: [string]): NewRequest => ({ name }),
  needs: () => ({ read: "checkout", write: ["experiments"] }),
  load: async () => (await import("../new_experiment.ts")).newExperiment,
});

interface VerifyFlags {
  sample?: number;
  jobs?: number;
  ownEmulator: boolean;
  trustPrograms: boolean;
  json: boolean;
}

export const verify = verb({
  summary: "carry out a run's trials again and compare record by record",
  more:
    "Carry out a run's trials again and compare record by record. Of a pack, the trials are carried " +
    "out on the binaries in it, which run without privileges, network or any file but their own. Where " +
    "these are neither what this lab builds nor those of the reference run, somebody has to agree.",
  parameters: {
    flags: {
      sample: {
        kind: "parsed",
        parse: wholeNumber("--sample", 1, 1_000_000),
        placeholder: "N",
        brief: "so many trials, evenly spread over the run; all of them if not given",
        optional: true,
      },
      jobs,
      ownEmulator: flag("of a pack: the lab's emulator carries out the trials, not the pack's"),
      trustPrograms: flag("of a pack: run its own emulator, though nobody here knows it"),
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [{
        ...runArgument,
        brief: `a run, a pack (RUN.tar.zst), or ${referenceName}`,
        proposeCompletions: runAndPackNames,
      }],
    },
  },
  examples: [
    ["verify RUN --sample 2", "two of its trials"],
    ["verify reference --sample 4", "is what the lab measures still what was committed?"],
    ["verify RUN.tar.zst", "somebody else's run, without building anything"],
    ["verify RUN.tar.zst --own-emulator", "the same on the lab's own emulator"],
  ],
  exits: { 1: "a trial gives other records, or the run is damaged" },
  works: true,
  request: (
    { sample, jobs, ownEmulator, trustPrograms, json }: VerifyFlags,
    [run]: [string],
  ): VerifyRequest => {
    if ((ownEmulator || trustPrograms) && !isPack(run)) {
      throw new LabError(
        `Cannot verify ${run} with --own-emulator or --trust-programs: it is no pack`,
        "Other runs are verified on what this lab builds",
      );
    }
    if (ownEmulator && trustPrograms) {
      throw new LabError("Cannot verify with both --own-emulator and --trust-programs");
    }
    return {
      ...{ run, sample, json, ownEmulator, trustPrograms },
      jobs: jobs ?? defaultJobs(),
    };
  },
  /* A pack brings all that it runs on. */
  needs: ({ run, ownEmulator }) => ({
    ...building,
    packages: isPack(run) && !ownEmulator ? [] : ["debian"],
  }),
  load: async () => (await import("../verify.ts")).verify,
});

const mostRounds = 100;

export const bench = verb({
  summary: "measure where the lab's own time goes, and compare with an earlier call",
  more:
    "Measure where the lab's own time goes: parts, each phase of a trial (wall time, and instructions of " +
    "the emulated host), booting each arm or going on from one state, and analysis.",
  parameters: {
    flags: {
      against: {
        kind: "parsed",
        parse: String,
        placeholder: "FILE",
        brief: "compare with what an earlier call wrote with --json",
        optional: true,
      },
      trials: {
        kind: "parsed",
        parse: wholeNumber("--trials", 1, mostRounds),
        placeholder: "N",
        brief: "how often each trial is carried out for its wall time; 3 if not given",
        optional: true,
      },
      scale: {
        kind: "parsed",
        parse: listOf(wholeNumber("--scale", 2, mostTrials)),
        placeholder: "N,...",
        brief: "only what so many recorded trials cost the lab itself, from the plan to the report",
        optional: true,
      },
      json,
    },
  },
  examples: [
    ["bench", "a table; two minutes on a quiet machine"],
    ["bench --json", "the numbers, to be kept in a file; the table goes to standard error"],
    ["bench --against before.json", "before, now and their ratio"],
    ["bench --scale 100,1000", "what a run costs by its number of trials; nothing is booted"],
  ],
  works: true,
  request: (
    { against, trials = 3, scale = [], json }: {
      against?: string;
      trials?: number;
      scale?: readonly number[];
      json: boolean;
    },
  ): BenchRequest => ({ against, trials, scale, json }),
  needs: () => ({ ...running, system: [...running.system!, "loadavg"], write: ["cache"] }),
  load: async () => (await import("../bench.ts")).bench,
});

export const reference = verb({
  summary: "show or renew the committed run that every change is held against",
  more:
    "Show the committed run that every change is held against (`show`), or measure it anew, say what " +
    "moved and why, and overwrite it (`update`).",
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: oneOf("show", "update"),
          placeholder: "show|update",
          brief: "show if not given",
          optional: true,
          proposeCompletions: () => ["show", "update"],
        },
        { ...runArgument, brief: "take this run of the experiment default", optional: true },
      ],
    },
  },
  examples: [
    ["reference", "what it is, and when it was measured"],
    ["reference update RUN", "make a run the reference"],
  ],
  works: true,
  request: (
    _: Record<never, never>,
    [action = "show", run]: [("show" | "update")?, string?],
  ): ReferenceRequest => {
    if (action === "show" && run !== undefined) {
      throw new LabError(
        `Cannot show ${run}: there is one reference`,
        "./lab compare reference RUN",
      );
    }
    return { action, run };
  },
  needs: ({ action }) =>
    action === "show" ? { ...building, packages: [], emulates: false } : running,
  load: async () => (await import("../reference.ts")).reference,
});
