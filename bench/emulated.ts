/**
 * The host kind `emulated`: the host boots in the emulator, in exact mode, and carries out one
 * trial. Nothing enters while it runs. Records come out through shared memory, the console through
 * the emulated serial port; reading either changes nothing inside.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import type { BuiltEmulator } from "../emulator/build.ts";
import type { BuiltImage } from "../images/build.ts";
import { cpio } from "../images/cpio.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import { run } from "../support/process.ts";
import { consoleProblems, consoleTail } from "./console.ts";
import { OutputReader } from "./output.ts";
import { hostMemory_mib, planText, type Trial } from "./plan.ts";

/** What a trial runs on. */
export interface TrialParts {
  hostKernel: BuiltKernel;
  emulator: BuiltEmulator;
  image: BuiltImage;
}

export interface TrialOutcome {
  /** The records as they came, without a closing line. */
  records: Uint8Array;
  /** Why the trial failed, or nothing. */
  failure: string | undefined;
}

/**
 * One executed instruction is 2^3 = 8 ns of the host's time; idle time is skipped. The TSC then
 * counts nanoseconds.
 */
export const nsPerInstruction = 8;
const icountShift = 3;

const outputRoom_mib = 64;

/** A trial takes about a minute; whatever has not ended by then never will. */
const wallLimit_s = 3600;

const pollEvery_ms = 250;

/**
 * Carries out one trial.
 *
 * @param scratch an empty folder for the files that the emulator needs.
 * @param onRecords called with whole lines as they appear.
 */
export async function runEmulated(
  trial: Trial,
  parts: TrialParts,
  scratch: string,
  onRecords: (lines: string) => void,
  signal: AbortSignal,
): Promise<TrialOutcome> {
  const initrd = join(scratch, "initrd.cpio");
  const output = join(scratch, "output");
  const consoleFile = join(scratch, "console");
  await writeInitrd(initrd, trial, parts.image);
  const reader = await OutputReader.create(output, outputRoom_mib * 2 ** 20);
  try {
    const { size } = await Deno.stat(parts.image.path);
    const memory_mib = hostMemory_mib(trial.settings, size);
    const running = run(
      parts.emulator.qemu,
      emulatorArguments(trial, parts, { initrd, output, consoleFile, memory_mib }),
      {
        purpose: `run the trial ${trial.id}`,
        timeLimit_s: wallLimit_s,
        log: join(scratch, "emulator.log"),
        signal,
      },
    );
    let ended = false;
    const ending = running.then(() => undefined, (error: Error) => error)
      .finally(() => ended = true);
    while (!ended) {
      await Promise.race([ending, delay(pollEvery_ms)]);
      const lines = await reader.readNew();
      if (lines !== "") onRecords(lines);
    }
    const error = await ending;
    onRecords(await reader.readNew());
    const failure = signal.aborted
      ? "interrupted"
      : error?.message ?? await judge(reader, consoleFile);
    return { records: reader.bytes(), failure };
  } finally {
    reader.close();
  }
}

/** The image, and behind it an archive with the plan. */
async function writeInitrd(path: string, trial: Trial, image: BuiltImage): Promise<void> {
  await Deno.copyFile(image.path, path);
  const plan = new TextEncoder().encode(planText(trial, image.disk));
  await Deno.writeFile(path, cpio([{ path: "plan", data: plan }]), { append: true });
}

interface TrialFiles {
  initrd: string;
  output: string;
  consoleFile: string;
  memory_mib: number;
}

/** Exported for tests: the command is part of what makes a trial exact. */
export function emulatorArguments(trial: Trial, parts: TrialParts, files: TrialFiles): string[] {
  const { settings } = trial;
  const kernelArguments = [
    "console=ttyS0",
    "loglevel=5",
    "panic=-1",
    "reboot=t",
    "tsc=reliable",
    `kvm_amd.npt=${settings.mmu === "npt" ? 1 : 0}`,
  ];
  const memoryBackend = `memory-backend-file,id=output,share=on,mem-path=${files.output},` +
    `size=${outputRoom_mib}M`;
  return [
    ["-L", parts.emulator.firmwareDir],
    ["-M", "pc"],
    ["-accel", "tcg,thread=single"],
    ["-icount", `shift=${icountShift},sleep=off`],
    ["-rtc", "base=2026-01-01,clock=vm"],
    ["-seed", `${settings.seed}`],
    ["-smp", "1"],
    ["-cpu", "EPYC,+svm,+npt"],
    ["-m", `${files.memory_mib}M`],
    ["-nodefaults"],
    ["-no-user-config"],
    ["-no-reboot"],
    ["-display", "none"],
    ["-serial", `file:${files.consoleFile}`],
    ["-object", memoryBackend],
    ["-device", "ivshmem-plain,memdev=output"],
    ["-kernel", parts.hostKernel.vmlinux],
    ["-initrd", files.initrd],
    ["-append", kernelArguments.join(" ")],
  ].flat();
}

/** What the records or the console say against the trial. */
async function judge(reader: OutputReader, consoleFile: string): Promise<string | undefined> {
  const said = await Deno.readTextFile(consoleFile).catch(() => "");
  const problems = consoleProblems(said);
  if (reader.state === "done" && problems === undefined) return undefined;
  if (problems !== undefined) return `the host's kernel complained:\n${problems}`;
  const reason = reader.failureReason();
  if (reason !== undefined) return reason;
  return `the host ended without a word (output: ${reader.state}); its console's end:\n` +
    consoleTail(said);
}
