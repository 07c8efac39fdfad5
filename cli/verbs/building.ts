// SPDX-License-Identifier: Apache-2.0
/** Verbs that build, and that put to the test what was built. */
import { LabError } from "../../base/errors.ts";
import {
  debianFlavours,
  type KernelLine,
  kernelLines,
  kernelVariants,
} from "../../kernel/lines.ts";
import { pagingModes, type PagingName, pagingNames } from "../../machines/paging.ts";
import { namedOnly, stressParts } from "../../stress/parts.ts";
import type { StressRequest } from "../../stress/stress.ts";
import { buildParts, type BuildRequest } from "../build.ts";
import { duration, flag, json, listOf, oneOf, rangeOf, wholeNumber } from "../flags.ts";
import { verb } from "../verb.ts";
import { building, running } from "../working.ts";

const line = {
  kind: "parsed",
  parse: oneOf(...kernelLines),
  placeholder: kernelLines.join("|"),
  brief: "of which kernel",
  default: kernelLines[0]!,
  proposeCompletions: () => [...kernelLines],
} as const;

export const build = verb({
  summary: "build kernel, emulator and images ahead of a run",
  more:
    "Build kernel, emulator and images ahead of a run, or Debian packages of the patched kernel for a " +
    "real host.",
  parameters: {
    flags: {
      line,
      variant: {
        kind: "enum",
        values: kernelVariants,
        brief: "one kind of kernel; those of runs if not given",
        optional: true,
      },
      deb: flag("Debian packages of the patched kernel"),
      config: {
        kind: "parsed",
        parse: String,
        placeholder: "FLAVOUR|FILE",
        brief: `configuration of these packages: Debian's ${debianFlavours.join(", ")}, or a file`,
        optional: true,
        proposeCompletions: () => [...debianFlavours],
      },
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: oneOf(...buildParts),
        placeholder: buildParts.join("|"),
        brief: "one part; what most runs need if not given (bochs: for Intel's processors)",
        optional: true,
        proposeCompletions: () => [...buildParts],
      }],
    },
  },
  examples: [
    ["build", "everything that runs need"],
    ["build kernel --line 6.12 --variant stock", "one kernel"],
    ["build kernel --deb --config cloud-amd64", "packages for a real host"],
  ],
  works: true,
  request: (
    flags: Omit<BuildRequest, "part">,
    [part]: [BuildRequest["part"]?],
  ): BuildRequest => {
    const { variant, deb, config } = flags;
    if (variant !== undefined && part !== "kernel") {
      throw new LabError(`Cannot build the variant ${variant}: it is one of \`build kernel\``);
    }
    if ((deb || config !== undefined) && (!deb || part !== "kernel" || variant !== undefined)) {
      throw new LabError("Cannot build packages: --deb is for `build kernel`, of one kind");
    }
    return { ...flags, part };
  },
  needs: () => building,
  load: async () => (await import("../build.ts")).build,
});

/** A factor of the part `races`. */
function raceFactor<T>(parse: (text: string) => T, placeholder: string, brief: string) {
  return { kind: "parsed", parse, placeholder, brief, optional: true } as const;
}

const raceFlags = {
  seeds: raceFactor(
    rangeOf("--seeds", 1_000_000),
    "N|FIRST..LAST",
    "races: seeds of interleavings, from 1 if one number is given; one of each if not given",
  ),
  cpus: raceFactor(
    listOf(wholeNumber("--cpus", 2, 8)),
    "N,...",
    "races: CPUs of the host; 2 and 4 if not given",
  ),
  turn: raceFactor(
    listOf(wholeNumber("--turn", 100, 1_000_000)),
    "N,...",
    "races: mean instructions of a CPU's turn; 1000, 3000 and 5000 if not given",
  ),
  switch: raceFactor(
    listOf(oneOf("off", "on", "map", "flip")),
    "off|on|map|flip,...",
    "races: states of kvm.change_pte; all if not given",
  ),
  kernel: raceFactor(
    String,
    "patched|stock|debug|FAULT",
    "races: one kernel, FAULT being one of stress/mutants/; all, each fault as one to be found, " +
      "if not given",
  ),
  trace: flag("races: of a failure, what KVM did to the page"),
} as const;

const only = {
  kind: "parsed",
  parse: listOf(String),
  placeholder: "WORD,...",
  brief: "merging, flushes, selftests: cases whose names hold one of these words; all if not given",
  optional: true,
} as const;

const mmu = {
  kind: "parsed",
  parse: listOf(oneOf(...pagingNames)),
  placeholder: `${pagingNames.join("|")},...`,
  brief: "how hosts map their guests' memory; npt and shadow, selftests npt, if not given",
  optional: true,
} as const;

/** Turns can be chosen in one emulator alone. */
function raceMmus(mmus: readonly PagingName[] = []): StressRequest["race"]["choice"]["mmu"] {
  const [other] = mmus.filter((name) => pagingModes[name].emulator === "Bochs");
  if (other !== undefined) {
    throw new LabError(
      `Cannot look for races with --mmu ${other}: in Bochs CPUs take turns in one way alone`,
      "Choose npt or shadow",
    );
  }
  return mmus as ("npt" | "shadow")[];
}

const defaultSoak_s = 1800;

const soakFlags = {
  for: {
    kind: "parsed",
    parse: duration("--for"),
    placeholder: "DURATION",
    brief: "soak: no round begins later, 90s, 30m or 2h; 30m if not given",
    optional: true,
  },
  seed: {
    kind: "parsed",
    parse: wholeNumber("--seed", 1, 1_000_000),
    placeholder: "N",
    brief: "soak: of its rounds; drawn, and said, if not given",
    optional: true,
  },
  rounds: {
    kind: "parsed",
    parse: wholeNumber("--rounds", 1, 1_000_000),
    placeholder: "N",
    brief: "soak: at most as many",
    optional: true,
  },
} as const;

interface StressFlags {
  line: KernelLine;
  seeds?: [first: number, last: number];
  cpus?: number[];
  turn?: number[];
  mmu?: PagingName[];
  only?: string[];
  switch?: ("off" | "on" | "map" | "flip")[];
  kernel?: string;
  trace: boolean;
  for?: number;
  seed?: number;
  rounds?: number;
  json: boolean;
}

export const stress = verb({
  summary: "put the patched kernel under fire: memory, locking, the kernel's own tests",
  parameters: {
    flags: { line, mmu, only, ...raceFlags, ...soakFlags, json },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: oneOf(...stressParts),
        placeholder: stressParts.join("|"),
        brief: `one part; all but ${namedOnly} if not given`,
        optional: true,
        proposeCompletions: () => [...stressParts],
      }],
    },
  },
  examples: [
    ["stress merging", "a guest that reads and writes while its memory is merged"],
    [
      "stress races --kernel patched --seeds 8 --cpus 2",
      "eight interleavings of each case, all of which can be replayed",
    ],
    ["stress --line 6.12", "all parts on the other line"],
    ["stress merging --mmu ept,ept-noad,shadow-vmx", "the first of these on Intel's processors"],
    ["stress selftests --mmu ept --only vmx,ksm_merge", "some of the kernel's own tests"],
    [
      "stress soak --for 30m",
      "random runs that are killed, run out of disk and lose parts of the cache",
    ],
  ],
  exits: { 1: "the kernel did not stand something, or a trial of the soak is another" },
  works: true,
  request: (
    flags: StressFlags,
    [part]: [typeof stressParts[number]?],
  ): StressRequest => {
    const { line, mmu, only, json, kernel, trace, for: for_s, seed, rounds, ...races } = flags;
    const { switch: changePte, ...factors } = races;
    const given = Object.entries({ ...factors, changePte }).filter(([, value]) =>
      value !== undefined
    );
    const choice: StressRequest["race"]["choice"] = Object.fromEntries(given);
    if (part === "races" && mmu !== undefined) choice.mmu = raceMmus(mmu)!;
    if (mmu !== undefined && (part === "notifiers" || part === "soak")) {
      throw new LabError(`Cannot stress ${part} with --mmu: it is for the other parts`);
    }
    if (part !== "races" && (kernel !== undefined || given.length > 0)) {
      throw new LabError("Cannot choose interleavings: their options are for `stress races`");
    }
    if (part !== "soak" && [for_s, seed, rounds].some((value) => value !== undefined)) {
      throw new LabError("Cannot soak: --for, --seed and --rounds are for `stress soak`");
    }
    if (only !== undefined && !["merging", "flushes", "selftests"].includes(part ?? "all")) {
      throw new LabError(
        `Cannot stress ${
          part ?? "all"
        } with --only: it is for \`merging\`, \`flushes\` and \`selftests\``,
      );
    }
    const parts = part === undefined ? stressParts.filter((one) => one !== namedOnly) : [part];
    const soak = { for_s: for_s ?? defaultSoak_s, seed, rounds };
    return {
      parts,
      line,
      ...(part === "races" ? {} : { mmus: mmu }),
      only,
      race: { kernel, choice, trace },
      soak,
      json,
    };
  },
  needs: () => running,
  load: async () => (await import("../stress.ts")).stressKernel,
});
