// SPDX-License-Identifier: Apache-2.0
/**
 * A machine for tests that is reached by ssh and nothing else: a Debian 12 with real KVM, whose SVM is
 * the emulator's. It has its own clock and is not exact.
 */
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import { run } from "../../base/process.ts";
import type { Report } from "../../base/report.ts";
import { buildDisk } from "./disk.ts";
import { emulatorCommand } from "./emulator.ts";
import { commandLine } from "./files.ts";
import { makeAccess, type MoreFiles } from "./keys.ts";

export interface TestMachineOptions {
  /** A folder of the caller's, for its keys, its disk and what it says. */
  dir: string;
  report: Report;
  memory_mib?: number;
  /** QEMU's words for the processor; one without virtualization where a test wants that. */
  cpu?: string;
  /** Files that it finds below its root, besides its keys. */
  files?: MoreFiles;
  /** Further disks, as images of a file system, from /dev/vdc on; what is written to them is gone with it. */
  disks?: readonly string[];
  /** Boot by the boot loader, which reads the disk, instead of Debian's kernel at once. */
  loader?: boolean;
}

/** A machine that answers. */
export interface TestMachine extends AsyncDisposable {
  /** On this machine's loopback. */
  port: number;
  /** The configuration for ssh. */
  config: string;
  /** All that it has said on its serial console. */
  console: () => Promise<string>;
  /** Runs a command there as root, for what a test prepares or looks at. */
  root: (...words: string[]) => Promise<string>;
  /** The same of a text of the shell's, without apostrophes. */
  script: (text: string) => Promise<string>;
}

const processor = "EPYC,+svm,+npt";
const usual_mib = 2048;
const cpus = 2;
/** A test that is longer has forgotten it. */
const longest_s = 3600;
const bootLimit_s = 300;
const lookEvery_ms = 500;

/**
 * Boots a machine and waits until it lets somebody in.
 *
 * @throws {LabError} when it does not within its time; with its console's end.
 */
export async function startTestMachine(options: TestMachineOptions): Promise<TestMachine> {
  const { dir, report, files = {} } = options;
  const disk = await buildDisk(report);
  const command = await emulatorCommand(report);
  const port = freePort();
  const access = await makeAccess(dir, port, files);
  const said = join(dir, "console");
  await Deno.writeTextFile(said, "");
  const ended = new AbortController();
  const boot = options.loader
    ? ["-kernel", disk.loader]
    : ["-kernel", disk.kernel, "-initrd", disk.initrd, "-append", commandLine];
  const [program, ...words] = command.words;
  let failure: unknown;
  const emulator = run(program!, [
    ...words,
    ...["-M", "q35,vmport=off", "-accel", "tcg,thread=multi", "-cpu", options.cpu ?? processor],
    ...["-smp", String(cpus), "-m", String(options.memory_mib ?? usual_mib)],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-serial", `file:${said}`],
    ...["-netdev", `user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ...["-device", "virtio-net-pci,netdev=n,romfile="],
    ...["-drive", `file=${disk.disk},if=virtio,format=raw,snapshot=on`],
    ...["-drive", `file=${access.archive},if=virtio,format=raw,readonly=on`],
    ...(options.disks ?? []).flatMap((path) => [
      ...["-drive", `file=${path},if=virtio,format=raw,snapshot=on`],
    ]),
    ...["-object", "rng-random,id=r,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=r"],
    ...boot,
  ], {
    ...{ purpose: "run the test machine", timeLimit_s: longest_s, signal: ended.signal },
    env: { ...command.env, TMPDIR: dir },
  }).then(() => {}, (error) => {
    failure = error;
  });
  const machine: TestMachine = {
    port,
    config: access.config,
    console: () => Deno.readTextFile(said),
    root: async (...words) => {
      const { stdout } = await run("ssh", [
        ...["-F", access.config, "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"],
        ...["-p", String(port), "root@127.0.0.1", "--", ...words],
      ], { purpose: "ask the test machine", timeLimit_s: bootLimit_s });
      return stdout;
    },
    script: (text) => machine.root("sh", "-c", `'${text}'`),
    async [Symbol.asyncDispose]() {
      ended.abort();
      await emulator;
    },
  };
  try {
    await untilItAnswers(machine, () => failure);
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
  return machine;
}

/** Waits until somebody can log in; after a reboot, too. */
export async function untilItAnswers(
  machine: Pick<TestMachine, "root" | "console">,
  failure: () => unknown = () => undefined,
): Promise<void> {
  const began_ms = performance.now();
  for (;;) {
    if (failure() !== undefined) throw failure();
    const answer = await machine.root("true").then(() => true, () => false);
    if (answer) return;
    if (performance.now() - began_ms > bootLimit_s * 1000) {
      throw new LabError(
        `Cannot reach the test machine: it does not answer after ${bootLimit_s} s. Its console:\n` +
          (await machine.console()).slice(-3000),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, lookEvery_ms));
  }
}

/** A port that nobody listens at. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
