import { buildEmulator } from "../emulator/qemu/build.ts";
import { buildImages, requestsForAll } from "../images/build.ts";
import { buildKernels } from "../kernel/build.ts";
import { flavours } from "../kernel/debian_package.ts";
import {
  type KernelLine,
  kernelLines,
  type KernelVariant,
  kernelVariants,
} from "../kernel/variants.ts";
import { parseVerb } from "./arguments.ts";
import { LabError } from "../base/errors.ts";
import { reportToStderr } from "../base/report.ts";
import { buildPackage } from "./kernel_package.ts";

const parts = ["kernel", "emulator", "images"] as const;
const usage = `Usage: ./lab build [${parts.join("|")}] [--line ${kernelLines.join("|")}] ` +
  `[--variant ${kernelVariants.join("|")}] [--json]\n` +
  `       ./lab build kernel --deb [--line ${kernelLines.join("|")}] ` +
  `[--config ${flavours.join("|")}|FILE] [--json]`;

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
export async function build(args: readonly string[]): Promise<number> {
  const { _: [part, ...rest], json, line, variant, deb, config } = parseVerb(args, {
    boolean: ["json", "deb"],
    string: ["line", "variant", "config"],
    default: { line: "6.1" },
  }, usage);
  if (rest.length > 0) throw new LabError("Cannot build: name one part or none", usage);
  if (part !== undefined && !parts.some((known) => known === part)) {
    throw new LabError(`Cannot build "${part}": there is no such part`, usage);
  }
  if (!kernelLines.some((known) => known === line)) {
    throw new LabError(`Cannot build kernel line "${line}": it is not in the lock`, usage);
  }
  if (variant !== undefined && (part !== "kernel" || !kernelVariants.some((v) => v === variant))) {
    throw new LabError(`Cannot build the variant "${variant}": it is for kernels`, usage);
  }
  if (deb === true || config !== undefined) {
    if (deb !== true || part !== "kernel" || variant !== undefined) {
      throw new LabError("Cannot build packages: --deb is for `build kernel`, of one kind", usage);
    }
    return await buildPackage(line as KernelLine, config as string | undefined, json === true);
  }
  const built = await buildParts(
    part as typeof parts[number] | undefined,
    line as KernelLine,
    variant === undefined ? ["guest", "patched"] : [variant as KernelVariant],
  );
  for (const one of built) {
    console.log(json === true ? JSON.stringify(one) : describe(one));
  }
  return 0;
}

/** Side by side: each build has a part in which it keeps a single core busy. */
async function buildParts(
  part: typeof parts[number] | undefined,
  line: KernelLine,
  variants: readonly KernelVariant[],
): Promise<Built[]> {
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
  }
  return built;
}

function describe({ what, version, digest, dir, drift, built, seconds }: Built): string {
  const how = built ? `built in ${Math.round(seconds)} s` : "from the cache";
  const drifted = drift ? ", not the locked version" : "";
  return `${what} ${version} (${digest.slice(0, 12)}), ${how}${drifted}\n  ${dir}`;
}
