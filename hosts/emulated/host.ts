/** The emulated host: each trial gets a machine of its own, in exact mode. */
import { join } from "@std/path";
import type { Settings } from "../../bench/settings.ts";
import type { InputDigests, Trial } from "../../contract/trial.ts";
import { kernelLines } from "../../kernel/variants.ts";
import { withScratch } from "../../store/cache.ts";
import type { Host, HostFacts, Outcome } from "../host.ts";
import { bootHost } from "./boot.ts";
import type { PartInputs } from "./inputs.ts";
import { machineFor } from "./machine.ts";
import { objectionTo } from "./objection.ts";
import { type Parts, partsOf } from "./parts.ts";
import { planArchive } from "./plan_archive.ts";

/** A trial takes about a minute; whatever has not ended by then never will. */
const wallLimit_s = 3600;

export class EmulatedHost implements Host {
  readonly name = "emulated";
  readonly exact = true;

  constructor(readonly parts: Parts, readonly described: PartInputs) {}

  facts(): Promise<HostFacts> {
    return Promise.resolve({
      ...{ arch: "x86_64", vendor: "svm", kernels: kernelLines, cpus: 1 },
      ...{ page_bytes: 4096, hasSwitch: true },
    });
  }

  objection(settings: Settings): string | undefined {
    return objectionTo(settings);
  }

  inputsOf(settings: Settings): InputDigests {
    return this.described.inputsOf(settings);
  }

  carryOut(
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return withScratch(scratchName(trial), async (scratch) => {
      const { hostKernel, emulator, image } = partsOf(this.parts, trial.settings);
      const initrd = join(scratch, "initrd.cpio");
      await Deno.copyFile(image.path, initrd);
      await Deno.writeFile(initrd, planArchive(trial, image), { append: true });
      const { records, failure, interrupted, instructions } = await bootHost(
        {
          ...machineFor(trial.settings, this.described.imageSizes.get(image)!),
          ...{ emulator, vmlinux: hostKernel.vmlinux, initrd },
          purpose: `run the trial ${trial.id}`,
          timeLimit_s: wallLimit_s,
        },
        scratch,
        onRecords,
        signal,
      );
      if (interrupted) return { ended: "interrupted" };
      return failure === undefined
        ? { ended: "done", records, instructions }
        : { ended: "failed", records, instructions, reason: failure };
    });
  }
}

/** Another lab process may carry out the same trial at the same time. */
function scratchName({ id }: Trial): string {
  return `${id}-${crypto.randomUUID().slice(0, 8)}`;
}
