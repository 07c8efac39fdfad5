/**
 * The emulated host: a kernel boots in the emulator, in exact mode, with an archive whose init does
 * the rest alone. Nothing enters while it runs. Records come out through shared memory, the console
 * through the emulated serial port; reading either changes nothing inside.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import type { BuiltEmulator } from "../../emulator/qemu/build.ts";
import { run } from "../../base/process.ts";
import { consoleProblems, consoleTail } from "./console.ts";
import { OutputReader } from "./output.ts";

/** What boots, and on how much. */
export interface HostBoot {
  emulator: Pick<BuiltEmulator, "qemu" | "firmwareDir">;
  vmlinux: string;
  initrd: string;
  memory_mib: number;
  seed: number;
  /** How the host's KVM maps its guests' memory. */
  mmu: "npt" | "shadow";
  /** Room for records. */
  outputRoom_mib: number;
  /** Size of a RAM disk for swap; 0: none. */
  swap_mib?: number;
  /** What is being done, for errors. */
  purpose: string;
  /** After this much wall time the emulator is ended. */
  timeLimit_s: number;
}

export interface HostOutcome {
  /** The records as they came, without a closing line. */
  records: Uint8Array;
  /** Why it failed, or nothing. */
  failure: string | undefined;
  /** Executed by the host from power-on to its end; nothing when the emulator did not say. */
  instructions: number | undefined;
}

/**
 * One executed instruction is 2^3 = 8 ns of the host's time; idle time is skipped. The TSC then
 * counts nanoseconds.
 */
const icountShift = 3;

const pollEvery_ms = 250;

/**
 * Boots the host and waits for its end.
 *
 * @param scratch an empty folder for the files that the emulator needs.
 * @param onRecords called with whole lines as they appear.
 */
export async function bootHost(
  boot: HostBoot,
  scratch: string,
  onRecords: (lines: string) => void,
  signal: AbortSignal,
): Promise<HostOutcome> {
  const output = join(scratch, "output");
  const consoleFile = join(scratch, "console");
  const log = join(scratch, "emulator.log");
  const reader = await OutputReader.create(output, boot.outputRoom_mib * 2 ** 20);
  try {
    const running = run(
      boot.emulator.qemu,
      emulatorArguments(boot, { output, consoleFile }),
      {
        purpose: boot.purpose,
        timeLimit_s: boot.timeLimit_s,
        log,
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
    return { records: reader.bytes(), failure, instructions: await instructionsIn(log) };
  } finally {
    reader.close();
  }
}

/** Exported for tests: the command is part of what makes a trial exact. */
export function emulatorArguments(
  boot: HostBoot,
  { output, consoleFile }: { output: string; consoleFile: string },
): string[] {
  const kernelArguments = [
    "console=ttyS0",
    "loglevel=5",
    "panic=-1",
    "reboot=t",
    "tsc=reliable",
    `kvm_amd.npt=${boot.mmu === "npt" ? 1 : 0}`,
    ...((boot.swap_mib ?? 0) > 0 ? ["brd.rd_nr=1", `brd.rd_size=${boot.swap_mib! * 1024}`] : []),
  ];
  const memoryBackend =
    `memory-backend-file,id=output,share=on,mem-path=${output},size=${boot.outputRoom_mib}M`;
  return [
    ["-L", boot.emulator.firmwareDir],
    ["-M", "pc"],
    ["-accel", "tcg,thread=single"],
    ["-icount", `shift=${icountShift},sleep=off`],
    ["-rtc", "base=2026-01-01,clock=vm"],
    ["-seed", `${boot.seed}`],
    ["-smp", "1"],
    ["-cpu", "EPYC,+svm,+npt"],
    ["-m", `${boot.memory_mib}M`],
    ["-nodefaults"],
    ["-no-user-config"],
    ["-no-reboot"],
    ["-display", "none"],
    ["-serial", `file:${consoleFile}`],
    ["-object", memoryBackend],
    ["-device", "ivshmem-plain,memdev=output"],
    ["-kernel", boot.vmlinux],
    ["-initrd", boot.initrd],
    ["-append", kernelArguments.join(" ")],
  ].flat();
}

/** The emulator's last words (see its patch 0005). */
async function instructionsIn(log: string): Promise<number | undefined> {
  const said = /executed instructions: (\d+)/.exec(await Deno.readTextFile(log).catch(() => ""));
  return said === null ? undefined : Number(said[1]);
}

/** What the records or the console say against it. */
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
