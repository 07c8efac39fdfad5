// SPDX-License-Identifier: Apache-2.0
/** Verbs that build, and that put to the test what was built. */
import { LabError } from "../../base/errors.ts";
import {
  debianFlavours,
  type KernelLine,
  kernelLines,
  kernelVariants,
} from "../../kernel/lines.ts";
import { stressParts } from "../../stress/parts.ts";
import type { BuildRequest } from "../build.ts";
import { flag, json, listOf, oneOf, rangeOf, wholeNumber } from "../flags.ts";
import type { StressRequest } from "../stress.ts";
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
        parse: oneOf("kernel", "emulator", "images"),
        placeholder: "kernel|emulator|images",
        brief: "one part; all if not given",
        optional: true,
        proposeCompletions: () => ["kernel", "emulator", "images"],
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
  needs: ({ deb }) => ({
    ...building,
    packages: deb ? ["debian", "package"] : ["debian"],
  }),
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
  mmu: raceFactor(
    listOf(oneOf("npt", "shadow")),
    "npt|shadow,...",
    "races: how the host maps memory; both if not given",
  ),
  switch: raceFactor(
    listOf(oneOf("off", "on", "flip")),
    "off|on|flip,...",
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

interface StressFlags {
  line: KernelLine;
  seeds?: [first: number, last: number];
  cpus?: number[];
  turn?: number[];
  mmu?: ("npt" | "shadow")[];
  switch?: ("off" | "on" | "flip")[];
  kernel?: string;
  trace: boolean;
  json: boolean;
}

export const stress = verb({
  summary: "put the patched kernel under fire: memory, locking, the kernel's own tests",
  parameters: {
    flags: { line, ...raceFlags, json },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: oneOf(...stressParts),
        placeholder: stressParts.join("|"),
        brief: "one part; all if not given",
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
  ],
  exits: { 1: "the kernel did not stand something" },
  works: true,
  request: (
    { line, json, kernel, trace, switch: changePte, ...factors }: StressFlags,
    [part]: [typeof stressParts[number]?],
  ): StressRequest => {
    const given = Object.entries({ ...factors, changePte }).filter(([, value]) =>
      value !== undefined
    );
    const choice: StressRequest["race"]["choice"] = Object.fromEntries(given);
    if (part !== "races" && (kernel !== undefined || given.length > 0)) {
      throw new LabError("Cannot choose interleavings: their options are for `stress races`");
    }
    const parts = part === undefined ? stressParts : [part];
    return { parts, line, race: { kernel, choice, trace }, json };
  },
  needs: () => ({ ...running, packages: ["debian", "stress"] }),
  load: async () => (await import("../stress.ts")).stressKernel,
});
