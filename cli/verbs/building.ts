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
import { flag, json, oneOf } from "../flags.ts";
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

export const stress = verb({
  summary: "put the patched kernel under fire: memory, locking, the kernel's own tests",
  parameters: {
    flags: { line, json },
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
    ["stress --line 6.12", "all parts on the other line"],
  ],
  exits: { 1: "the kernel did not stand something" },
  works: true,
  request: (
    { line, json }: { line: KernelLine; json: boolean },
    [part]: [typeof stressParts[number]?],
  ): StressRequest => ({ parts: part === undefined ? stressParts : [part], line, json }),
  needs: () => ({ ...running, packages: ["debian", "stress"] }),
  load: async () => (await import("../stress.ts")).stressKernel,
});
