// SPDX-License-Identifier: Apache-2.0
import { buildBochs } from "../emulator/bochs/build.ts";
import { buildEmulator } from "../emulator/qemu/build.ts";
import { buildPrimitives } from "../hosts/command/bundle.ts";
import { buildImages, requestsForAll } from "../images/build.ts";
import { buildKernels } from "../kernel/build.ts";
import type { KernelLine, KernelVariant } from "../kernel/lines.ts";
import { reportToStderr } from "../base/report.ts";
import { buildPackage } from "./kernel_package.ts";

/** What can be built by itself. */
export const buildParts = ["kernel", "emulator", "bochs", "images"] as const;
export type BuildPart = typeof buildParts[number];

export interface BuildRequest {
  /** All parts that the experiment \`default\` needs if there is none. */
  part?: BuildPart | undefined;
  line: KernelLine;
  variant?: KernelVariant | undefined;
  /** Debian packages of the patched kernel. */
  deb: boolean;
  /** Their configuration: one of Debian's flavours, or a file. */
  config?: string | undefined;
  json: boolean;
}

/** One line of the result. */
interface Built {
  what: string;
  version: string;
  digest: string;
  dir: string;
  drift: boolean;
  built: boolean;
  seconds: number;
}

/** `lab build [PART]`: everything that runs need, or one part of it. */
export async function build(request: BuildRequest): Promise<number> {
  const { part, line, variant, deb, config, json } = request;
  if (deb) return await buildPackage(line, config, json);
  const built = await buildAll(
    part,
    line,
    variant === undefined ? ["guest", "patched"] : [variant],
  );
  for (const one of built) {
    console.log(json ? JSON.stringify(one) : describe(one));
  }
  return 0;
}

/** Side by side: each build has a part in which it keeps a single core busy. */
async function buildAll(
  part: BuildRequest["part"],
  line: KernelLine,
  variants: readonly KernelVariant[],
): Promise<Built[]> {
  if (part === "bochs") return [{ ...await buildBochs(reportToStderr), what: "emulator Bochs" }];
  const building = {
    kernel: part === "emulator"
      ? undefined
      : buildKernels(variants.map((variant) => ({ line, variant })), reportToStderr),
    emulator: part === "kernel" ? undefined : buildEmulator(reportToStderr),
  };
  const [kernels = [], emulator] = await Promise.all([building.kernel, building.emulator]);
  const built: Built[] = kernels.map((kernel, at) => ({
    ...kernel,
    what: `${variants[at]} kernel`,
  }));
  if (emulator !== undefined) built.push({ ...emulator, what: "emulator" });
  const [guestKernel] = kernels;
  if (guestKernel !== undefined && emulator !== undefined) {
    const guestKernels = new Map([[line, guestKernel]]);
    await buildImages(await requestsForAll(line), { guestKernels, emulator }, reportToStderr);
    await buildPrimitives(reportToStderr);
  }
  return built;
}

function describe({ what, version, digest, dir, drift, built, seconds }: Built): string {
  const how = built ? `built in ${Math.round(seconds)} s` : "from the cache";
  const drifted = drift ? ", not the locked version" : "";
  return `${what} ${version} (${digest.slice(0, 12)}), ${how}${drifted}\n  ${dir}`;
}
