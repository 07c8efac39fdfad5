// SPDX-License-Identifier: Apache-2.0
/** The emulated host as it is, with guests and an init that die in the way that a trial asks for. */
import { join } from "@std/path";
import { reportToStderr } from "../../base/report.ts";
import type { Experiment } from "../../bench/experiment.ts";
import type { PhaseName } from "../../contract/phases.ts";
import { defaultSettings, type Factors } from "../../contract/settings.ts";
import { buildEmulator } from "../../emulator/qemu/build.ts";
import { EmulatedHost } from "../../hosts/emulated/host.ts";
import { builtWith, describeParts } from "../../hosts/emulated/inputs.ts";
import type { Parts } from "../../hosts/emulated/parts.ts";
import type { patienceWith } from "../../hosts/emulated/patience.ts";
import { buildImage } from "../../images/build.ts";
import { cpio } from "../../images/cpio.ts";
import { buildAgent, compileProgram } from "../../images/programs.ts";
import { buildKernel } from "../../kernel/build.ts";
import type { NamedWorkload } from "../../workloads/workload.ts";
import { type Fault, faults } from "./faults.ts";
import described from "./guest/workload.ts";

const here = import.meta.dirname!;
const workload: NamedWorkload = { ...described, name: "faults", dir: join(here, "guest") };
const line = "6.1";

/**
 * Builds all of it.
 *
 * @param dir where the image goes
 * @param patience as {@linkcode EmulatedHost} has it
 */
export async function faultyHost(
  dir: string,
  patience?: typeof patienceWith,
): Promise<EmulatedHost> {
  const report = reportToStderr;
  const emulator = await buildEmulator(report);
  const guestKernels = new Map([[line, await buildKernel({ line, variant: "guest" }, report)]]);
  const hostKernel = await buildKernel({ line, variant: "patched" }, report);
  const image = await buildImage(workload, line, { guestKernels, emulator }, report);
  const path = join(dir, "host.cpio");
  await Deno.copyFile(image.path, path);
  await Deno.writeFile(path, await saboteur(), { append: true });
  const parts: Parts = {
    ...{ emulator, guestKernels, hosts: new Map([[`${line} patched`, hostKernel]]) },
    images: [{ ...image, path }],
  };
  const inputs = await describeParts(parts, builtWith());
  return new EmulatedHost(parts, inputs, false, patience);
}

/** What the kernel unpacks over the image: another init, and the agent under another name. */
async function saboteur(): Promise<Uint8Array<ArrayBuffer>> {
  const source = join(here, "saboteur", "init.c");
  const init = await compileProgram("init", [], [source], "the saboteur", reportToStderr);
  const agent = await buildAgent(reportToStderr);
  return cpio([
    { path: "init", data: await Deno.readFile(init), executable: true },
    { path: "agent", data: await Deno.readFile(agent), executable: true },
  ]);
}

/** Small and quick, but for a merging that is long enough for something to happen in it. */
const small: Factors = {
  ...{ workload: ["faults"], arm: ["on"], guests: [2], guest_memory_mib: [64] },
  ...{ pages_to_scan: [1000], sleep_millisecs: [100], converge_scans: [4], touch_rounds: [1] },
};

/** An experiment whose trials have one fault each. */
export function faultyExperiment(
  which: readonly Fault[],
  changes: Factors = {},
  phases: PhaseName[] = ["boot", "load", "settle", "merge", "touch", "end"],
): Experiment {
  const usual = Object.entries(defaultSettings).map(([name, level]) => [name, [level]] as const);
  return {
    ...{ name: "faults", title: "What dies", question: "What does the lab say of it?", phases },
    factors: {
      ...Object.fromEntries(usual),
      ...small,
      ...changes,
      "workload.fault": which.map((fault) => faults[fault]),
    },
  };
}
