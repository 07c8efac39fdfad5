// SPDX-License-Identifier: Apache-2.0
/** Looks at a hypervisor whose guests others run, here or by ssh. */
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { Interrupted } from "../base/interruption.ts";
import { ProgramFailed, run } from "../base/process.ts";
import type { Report } from "../base/report.ts";
import { OnHost } from "../hosts/command/on_host.ts";
import { local, type Reach } from "../hosts/command/reach.ts";
import { reachesOf } from "../hosts/ssh/mod.ts";
import { LEAST_TICKS } from "./records.ts";
import { readSeen, type Seen } from "./report_text.ts";

/** What is asked. */
export interface Watch {
  /** "local" or "ssh://user@host:port". */
  host: string;
  for_s: number;
  /** Between two looks, s. */
  every_s: number;
  /** Count exits and faults, by a tracing instance. */
  trace: boolean;
}

/** Counting an exit by reason takes some 200 ns; at this rate some hundredths of the host's time. */
const mostExitsPerSecond = 300_000;

/** No more looks than that: each takes time on the host, and room here. */
const mostLooks = 120;

/** What the host may take beyond its time: a slow one takes seconds for a look. */
const patience_s = 300;

/**
 * Looks for as long as it is asked to.
 *
 * @throws {LabError} when the host cannot be reached, nobody may look there, or it has no KVM.
 */
export async function watch(request: Watch, report: Report): Promise<Seen> {
  const every_s = Math.max(request.every_s, Math.ceil(request.for_s / mostLooks));
  if (every_s > request.every_s) {
    report(`A look every ${every_s} s, so that there are ${mostLooks} at most`);
  }
  const [reach, ...others] = request.host === "local" ? [local] : await reachesOf(request.host);
  if (others.length > 0) {
    throw new LabError(
      `Cannot observe "${request.host}": it is several hosts`,
      "Name one; observe each by itself",
    );
  }
  const on = new OnHost(reach!);
  await requireKvm(on);
  report(
    `Observing ${
      reach!.name
    } for ${request.for_s} s: nothing is changed there but a tracing instance of its own`,
  );
  const words = [
    ...["/bin/sh", "-s", "--"],
    ...[request.for_s, every_s, Number(request.trace), mostExitsPerSecond].map(String),
  ];
  const { text, failure } = await looked(reach!, on.rootWords(words), request.for_s + patience_s);
  const seen = readSeen(text);
  if (seen.ticks.length < LEAST_TICKS) {
    throw new LabError(
      `Cannot observe ${reach!.name}: it was lost before two looks had been taken (${
        failure ?? "it said nothing"
      })`,
      "What was changed there is put back by itself within seconds",
    );
  }
  if (failure !== undefined) report(`${reach!.name} was lost (${failure})`, "warning");
  return seen;
}

function script(): Promise<Uint8Array> {
  return Deno.readFile(join(import.meta.dirname!, "observe.sh"));
}

/** Before anything is changed there. */
async function requireKvm(on: OnHost): Promise<void> {
  const { vendor, kvm, lockdown } = await on.probe();
  if (vendor === undefined && kvm === "missing") {
    throw new LabError(
      `Cannot observe ${on.name}: there is no KVM (no svm or vmx, no /dev/kvm)`,
      "Name a hypervisor",
    );
  }
  if (lockdown === "confidentiality") {
    throw new LabError(
      `Cannot observe ${on.name}: its kernel is locked down (confidentiality), tracefs and debugfs show nothing`,
      "./lab import FILE takes /sys/kernel/mm/ksm, which can still be read there",
    );
  }
  if (kvm === "missing") {
    throw new LabError(
      `Cannot observe ${on.name}: KVM is not loaded there, so no guest runs`,
      "Load kvm_amd or kvm_intel",
    );
  }
}

/** What it said, also where it did not come to its end. */
async function looked(
  reach: Reach,
  words: readonly string[],
  timeLimit_s: number,
): Promise<{ text: string; failure: string | undefined }> {
  const decoder = new TextDecoder();
  let text = "";
  const [program, args] = reach.wrap(words);
  try {
    await run(program, args, {
      ...{ purpose: `observe ${reach.name}`, timeLimit_s, env: reach.env, stdin: await script() },
      onOutput: (bytes) => {
        text += decoder.decode(bytes, { stream: true });
      },
    });
    return { text, failure: undefined };
  } catch (error) {
    if (error instanceof Interrupted || !(error instanceof ProgramFailed)) throw error;
    return { text, failure: error.how };
  }
}
