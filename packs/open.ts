// SPDX-License-Identifier: Apache-2.0
/** A pack from elsewhere, unpacked and checked before anything in it is believed or run. */
import { join } from "@std/path";
import { requireExperiment } from "../bench/experiment.ts";
import { plan } from "../bench/plan.ts";
import { inputChanges, inWords } from "../bench/input_changes.ts";
import type { EmulatedHost } from "../hosts/emulated/host.ts";
import { runDigest, RunFolder } from "../bench/run_folder.ts";
import { withScratch } from "../store/cache.ts";
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { readArchive } from "./archive.ts";
import { packedHost } from "./binaries.ts";
import { sumsName } from "./pack.ts";
import { replayOf, requireSameReplay } from "./replay.ts";

/**
 * Unpacks a pack into the cache for as long as `use` takes, checks every digest in it, and hands over
 * the run and a host that runs on the packed parts.
 *
 * @throws {LabError} if it is damaged, not whole, or not a run that fits to its binaries.
 */
export async function withPack<T>(
  path: string,
  use: (folder: RunFolder, host: EmulatedHost) => Promise<T>,
): Promise<T> {
  if (!await exists(path)) {
    throw new LabError(`Cannot open ${path}: there is no such file`, "Name a pack: RUN.tar.zst");
  }
  return await withScratch(`unpack-${crypto.randomUUID().slice(0, 8)}`, async (scratch) => {
    const dir = join(scratch, await readArchive(path, scratch));
    await requireSums(dir);
    const folder = await RunFolder.open(dir);
    const host = await packedHost(dir);
    await requireWholeRun(folder, host);
    return await use(folder, host);
  });
}

/** Every file is named with its digest, and every name is there. */
async function requireSums(dir: string): Promise<void> {
  const text = await Deno.readTextFile(join(dir, sumsName)).catch(() => "");
  const sums = new Map(
    text.split("\n").filter((line) => line !== "").map((
      line,
    ) => [line.slice(66), line.slice(0, 64)]),
  );
  const files = (await filesBelow(dir)).filter((name) => name !== sumsName);
  for (const name of files) {
    const expected = sums.get(name);
    if (expected === undefined) throw unsound(`${name} is not in ${sumsName}`);
    if (await sha256OfFile(join(dir, name)) !== expected) {
      throw unsound(`${name} has other content`);
    }
    sums.delete(name);
  }
  const [missing] = sums.keys();
  if (missing !== undefined) throw unsound(`${missing} is missing`);
}

/** The run's digest is that of its trials, and its identities are those of the binaries here. */
async function requireWholeRun(folder: RunFolder, host: EmulatedHost): Promise<void> {
  const { trials, digest, inputs, experiment } = folder.record;
  await requireExperiment(experiment);
  if (runDigest(trials) !== digest) throw unsound("the run's digest is not that of its trials");
  const [changed] = inputChanges(inputs, host.described.inputs);
  if (changed !== undefined) {
    throw unsound(`its binaries are not those of the run: ${inWords(changed)}`);
  }
  const planned = new Map(
    plan(experiment, (settings) => host.inputsOf(settings)).map((trial) => [trial.identity, trial]),
  );
  const finished = trials.filter(({ status }) => status === "done");
  const replayed = finished.map((entry) => {
    const trial = planned.get(entry.identity);
    if (trial === undefined) {
      throw new LabError(
        `Cannot carry out this pack's trials: this version of the lab knows no trial ${entry.id}`,
        "Run the pack's own script `reproduce`, or the lab in its sources/lab",
      );
    }
    return { trial, entry };
  });
  await requireSameReplay(await replayOf(replayed, host.parts), folder.dir);
}

function unsound(reason: string): LabError {
  return new LabError(
    `Cannot use this pack: ${reason}`,
    "Get it again from where it was published",
  );
}
