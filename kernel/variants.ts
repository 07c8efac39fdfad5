// SPDX-License-Identifier: Apache-2.0
/** Which kernels there are: for each line its variants, and what goes into each. */
import { join } from "@std/path";
import { sha256, sha256OfFile, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { patchesIn } from "../debian/patches.ts";
import { builtBy } from "../debian/room.ts";
import { mergeFragments } from "./config.ts";
import { type KernelLine, kernelLines, type KernelVariant, linesFolder } from "./lines.ts";

interface Recipe {
  /** Files below config/, each followed by the line's own of the same name, if it has one. */
  fragments: readonly string[];
  /** Whether the line's series is applied. */
  series: boolean;
  /** Added to what every build tells make(1). */
  settings?: readonly string[];
  /**
   * Objects are kept, so that the next variant of the same configuration compiles only what differs.
   * Only a kernel without the series may do without.
   */
  keepsObjects: boolean;
}

/** The kernel's own checks: slow, and it complains of what it finds. */
const checking = {
  fragments: ["debug.config"],
  /* The code that boots through PVH, and what it calls, runs before KASAN has its shadow memory. */
  settings: ["KASAN_SANITIZE_enlighten.o=n", "KASAN_SANITIZE_string.o=n"],
} as const;

/**
 * The same kernel with KVM for Intel's processors besides. It is one of its own, so that what is
 * measured on AMD's stays the same to the bit.
 */
const intel = "intel.config";

const recipes: Readonly<Record<KernelVariant, Recipe>> = {
  /** The host's kernel with the series. */
  patched: { fragments: ["host.config"], series: true, keepsObjects: true },
  /** The host's kernel without it, otherwise the same. */
  stock: { fragments: ["host.config"], series: false, keepsObjects: true },
  /** The patched one with the kernel's own checks. */
  debug: {
    fragments: ["host.config", ...checking.fragments],
    series: true,
    settings: checking.settings,
    keepsObjects: true,
  },
  /** The patched one that counts how long locks are held. */
  locks: { fragments: ["host.config", "locks.config"], series: true, keepsObjects: true },
  "patched-intel": { fragments: ["host.config", intel], series: true, keepsObjects: true },
  "stock-intel": { fragments: ["host.config", intel], series: false, keepsObjects: true },
  "debug-intel": {
    fragments: ["host.config", ...checking.fragments, intel],
    series: true,
    settings: checking.settings,
    keepsObjects: true,
  },
  "locks-intel": {
    fragments: ["host.config", "locks.config", intel],
    series: true,
    keepsObjects: true,
  },
  /** What the guests run. */
  guest: { fragments: ["guest.config"], series: false, keepsObjects: false },
  /** The same for guests with several virtual CPUs. */
  "guest-smp": { fragments: ["guest.config", "smp.config"], series: false, keepsObjects: false },
};

export interface KernelRequest {
  line: KernelLine;
  variant: KernelVariant;
  /** Patches on top of the series. */
  more?: readonly string[];
}

/** Where the source is while a kernel is compiled: objects know the path. */
export const sourcePlace = "/build/source";

/** Raised when the way of building changes in a manner that may change the result. */
const recipeVersion = 2;

/** Nothing of where, when and by whom it is built may get into the kernel. */
export const fixedSettings = [
  "KBUILD_BUILD_USER=samepage",
  "KBUILD_BUILD_HOST=lab",
  "KBUILD_BUILD_VERSION=1",
  "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970",
  "LOCALVERSION=-samepage",
];

/** What a kernel is built from, besides its source. */
export interface KernelInputs {
  /** The configuration fragment as one text. */
  fragment: string;
  fragmentName: string;
  patches: string[];
  patchesSha256: string[];
  /** What it is built by. */
  tools: Readonly<Record<string, string>>;
  settings: readonly string[] | undefined;
  keepsObjects: boolean;
}

const here = import.meta.dirname!;

/**
 * @throws {LabError} when the line has no series, or the compiler is missing.
 */
export async function inputsOf({ line, variant, more = [] }: KernelRequest): Promise<KernelInputs> {
  const recipe = recipes[variant];
  const names: string[] = [];
  const texts: string[] = [];
  for (const name of recipe.fragments) {
    names.push(`config/${name}`);
    texts.push(await Deno.readTextFile(join(here, "config", name)));
    const ofLine = join(linesFolder, line, name);
    if (!await exists(ofLine)) continue;
    names.push(`lines/${line}/${name}`);
    texts.push(await Deno.readTextFile(ofLine));
  }
  const patches = [...(recipe.series ? await seriesOf(line) : []), ...more];
  return {
    fragment: mergeFragments(texts),
    fragmentName: names.join(" + "),
    patches,
    patchesSha256: await Promise.all(patches.map(sha256OfFile)),
    tools: builtBy(),
    settings: recipe.settings,
    keepsObjects: recipe.keepsObjects,
  };
}

/** The patches of a line, in order. */
export async function seriesOf(line: KernelLine): Promise<string[]> {
  const dir = join(linesFolder, line, "series");
  if (!await exists(dir)) {
    throw new LabError(
      `Cannot build the patched ${line} kernel: it has no kernel/lines/${line}/series/`,
      `Add its patches, or choose another line: ${kernelLines.join(", ")}`,
    );
  }
  return patchesIn(dir);
}

/** Identity of a kernel: of everything that its bits depend on. */
export function digestOf(inputs: KernelInputs, sourceSha256: string): string {
  return sha256OfJson({
    recipeVersion,
    fixedSettings,
    sourceSha256,
    fragmentSha256: sha256(inputs.fragment),
    patchesSha256: inputs.patchesSha256,
    tools: inputs.tools,
    settings: inputs.settings,
  });
}

/**
 * Identity of kept objects: kernels that share it differ in their patches and settings alone, and
 * make(1) sees where these matter.
 */
export function objectsDigestOf(inputs: KernelInputs, sourceSha256: string): string {
  const kernel = digestOf({ ...inputs, patchesSha256: [], settings: undefined }, sourceSha256);
  return sha256OfJson({ kernel, sourcePlace });
}
