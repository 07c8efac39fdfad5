// SPDX-License-Identifier: Apache-2.0
/** The emulated host: each trial gets a machine of its own, in exact mode. */
import { join } from "@std/path";
import { writing } from "../../base/full_disk.ts";
import type { Settings } from "../../contract/settings.ts";
import type { InputDigests, Trial } from "../../contract/trial.ts";
import { kernelLines } from "../../kernel/lines.ts";
import { PAGE_BYTES } from "../../machines/x86_64/pages.ts";
import { withScratch } from "../../store/cache.ts";
import type { Host, HostFacts, Outcome } from "../host.ts";
import { bootHost, type BootOutcome } from "./boot.ts";
import { prefixOf } from "./fork.ts";
import type { PartInputs } from "./inputs.ts";
import type { HostBoot } from "./host_boot.ts";
import { machineFor } from "./machine.ts";
import { mostCpus, objectionTo } from "./objection.ts";
import { type Parts, partsOf } from "./parts.ts";
import { patienceWith } from "./patience.ts";
import { emulatedPlan, planArchive } from "./plan_archive.ts";
import { type Saved, States } from "./states.ts";

export class EmulatedHost implements Host {
  readonly name = "emulated";
  readonly exact = true;
  readonly states: States;

  /**
   * @param fork whether trials that can go on from one state do
   * @param patience how long to wait for a machine without a word
   */
  constructor(
    readonly parts: Parts,
    readonly described: PartInputs,
    fork = true,
    readonly patience = patienceWith,
  ) {
    this.states = new States((trial) =>
      fork ? prefixOf(trial, this.inputsOf(trial.settings)) : undefined
    );
  }

  facts(): Promise<HostFacts> {
    return Promise.resolve({
      ...{ arch: "x86_64", vendor: "svm", kernels: kernelLines },
      ...{ cpus: mostCpus, page_bytes: PAGE_BYTES, hasSwitch: true },
    });
  }

  objection(settings: Settings): string | undefined {
    return objectionTo(settings);
  }

  inputsOf(settings: Settings): InputDigests {
    return this.described.inputsOf(settings);
  }

  async carryOut(
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const forked = await this.states.goOn(
      trial,
      (first, path, dir) => this.saveState(first, path, dir, signal),
      (saved) => {
        if (saved === "interrupted") return Promise.resolve<Outcome>({ ended: "interrupted" });
        return "path" in saved
          ? this.#run(trial, { goOnFrom: saved.path }, onRecords, signal)
          : Promise.resolve<Outcome>({ ...failed(saved.failure), ...rest(saved) });
      },
    );
    return forked ?? await this.#run(trial, {}, onRecords, signal);
  }

  /**
   * Executes the machine up to the fork, and saves it there.
   *
   * @param path of the state
   * @param dir an empty folder for what else is needed on the way
   */
  async saveState(trial: Trial, path: string, dir: string, signal: AbortSignal): Promise<Saved> {
    const began_ms = performance.now();
    let lastRecord_ms = began_ms;
    const { records, failure, crashed, interrupted, instructions, evidence } = await this.#boot(
      trial,
      { saveTo: path },
      dir,
      (lines) => lastRecord_ms = lines === "" ? lastRecord_ms : performance.now(),
      signal,
    );
    if (interrupted) return "interrupted";
    const [wall_s, writing_s] = [began_ms, lastRecord_ms]
      .map((since_ms) => (performance.now() - since_ms) / 1000);
    /* It ends by itself once the state is written, and its agent has not said that it is done. */
    const bytes = crashed ? undefined : await sizeOf(path);
    if (bytes !== undefined) {
      return { path, cost: { wall_s: wall_s!, writing_s: writing_s!, bytes, instructions } };
    }
    return { failure: failure ?? "the machine was not saved at the fork", records, evidence };
  }

  #run(
    trial: Trial,
    how: Pick<HostBoot, "goOnFrom">,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return withScratch(scratchName(trial), async (scratch) => {
      const { records, failure, interrupted, instructions, evidence } = await this.#boot(
        trial,
        how,
        scratch,
        onRecords,
        signal,
      );
      if (interrupted) return { ended: "interrupted" };
      return failure === undefined
        ? { ended: "done", records, instructions }
        : { ...failed(failure), records, instructions, evidence };
    });
  }

  async #boot(
    trial: Trial,
    how: Pick<HostBoot, "goOnFrom" | "saveTo">,
    dir: string,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<BootOutcome> {
    const { hostKernel, emulator, bochs, image } = partsOf(this.parts, trial.settings);
    const image_bytes = this.described.imageSizes.get(image)!;
    const plan = emulatedPlan(trial, image, image_bytes);
    const initrd = join(dir, "initrd.cpio");
    const restOfPlan = join(dir, "plan");
    await writing(initrd, async () => {
      await Deno.copyFile(image.path, initrd);
      await Deno.writeFile(initrd, planArchive(plan), { append: true });
      await Deno.writeTextFile(restOfPlan, plan.rest);
    });
    return await bootHost(
      {
        ...machineFor(trial.settings, image_bytes),
        ...{ emulator, bochs, vmlinux: hostKernel.vmlinux, initrd, restOfPlan, ...how },
        purpose: `run the trial ${trial.id}`,
      },
      this.patience(trial.settings),
      dir,
      onRecords,
      signal,
    );
  }
}

function failed(reason: string) {
  return { ended: "failed" as const, reason, instructions: undefined };
}

function rest({ records, evidence }: Extract<Saved, { failure: string }>) {
  return { records, evidence };
}

/** Bytes of a file; nothing where there is none, or a link. */
async function sizeOf(path: string): Promise<number | undefined> {
  return await Deno.lstat(path).then(
    ({ isFile, size }) => isFile ? size : undefined,
    () => undefined,
  );
}

/** Another lab process may carry out the same trial at the same time. */
function scratchName({ id }: Trial): string {
  return `${id}-${crypto.randomUUID().slice(0, 8)}`;
}
