// SPDX-License-Identifier: Apache-2.0
/**
 * How each trial of a pack is carried out again by somebody who has nothing but the pack and a shell:
 * the emulator's arguments, one a line, the plan that goes behind the image, and the rest of it.
 */
import { join } from "@std/path";
import type { Trial } from "../contract/trial.ts";
import { machineFor } from "../hosts/emulated/machine.ts";
import { qemuArguments } from "../hosts/emulated/qemu.ts";
import { hostKernelName, type Parts, partsOf } from "../hosts/emulated/parts.ts";
import { emulatedPlan, planArchive } from "../hosts/emulated/plan_archive.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import { LabError } from "../base/errors.ts";
import { emulatorPath, firmwarePath, hostKernelPath, imagePath } from "./binaries.ts";
import { writeInto } from "./files.ts";

/** Where it lies in a pack. */
const replayFolder = "replay";

/** Each finished trial: id, digest of its records, image it boots from, MiB it has for its records. */
const tablePath = `${replayFolder}/trials.tsv`;

/** A file of a pack by its path. */
export type Replay = Map<string, string | Uint8Array>;

/**
 * All files of the replay of a run.
 *
 * Paths in the arguments are relative to a folder that has a link to the pack's `binaries` and into
 * which the trial's own files go.
 */
export async function replayOf(
  trials: readonly { trial: Trial; entry: TrialEntry }[],
  parts: Parts,
): Promise<Replay> {
  const replay: Replay = new Map();
  const table: string[] = [];
  for (const { trial, entry } of trials) {
    const { settings, id } = trial;
    const { image } = partsOf(parts, settings);
    const { size } = await Deno.stat(image.path);
    const machine = machineFor(settings, size);
    const plan = emulatedPlan(trial, image, size);
    const args = qemuArguments({
      ...machine,
      emulator: { qemu: emulatorPath, firmwareDir: firmwarePath },
      vmlinux: `${hostKernelPath(hostKernelName(settings))}/vmlinux`,
      ...{ initrd: "initrd.cpio", restOfPlan: "plan", purpose: "" },
    }, { output: "output", consoleFile: "console" });
    replay.set(`${replayFolder}/${id}/arguments`, args.map((arg) => `${arg}\n`).join(""));
    replay.set(`${replayFolder}/${id}/plan.cpio`, planArchive(plan));
    replay.set(`${replayFolder}/${id}/plan`, plan.rest);
    const row = [id, entry.digest!, imagePath(image), machine.outputRoom_mib];
    table.push(row.join("\t") + "\n");
  }
  replay.set(tablePath, table.join(""));
  return replay;
}

export async function packReplay(replay: Replay, folder: string): Promise<void> {
  for (const [path, content] of replay) {
    if (typeof content === "string") await writeInto(join(folder, path), content);
    else {
      await writeInto(join(folder, path), "");
      await Deno.writeFile(join(folder, path), content);
    }
  }
}

/**
 * @throws {LabError} naming the first file of a pack's replay that this lab would write otherwise: it
 * would then not carry out the same trials as the pack's own script.
 */
export async function requireSameReplay(replay: Replay, folder: string): Promise<void> {
  for (const [path, content] of replay) {
    const expected = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const found = await Deno.readFile(join(folder, path)).catch(() => new Uint8Array());
    if (found.length === expected.length && found.every((byte, at) => byte === expected[at])) {
      continue;
    }
    throw new LabError(
      `Cannot carry out this pack's trials: this version of the lab would run ${path} otherwise`,
      "Run the pack's own script `reproduce`, or the lab in its sources/lab",
    );
  }
}
