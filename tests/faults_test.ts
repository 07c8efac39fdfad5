// SPDX-License-Identifier: Apache-2.0
/**
 * Guests, hosts and emulators that die: each says what died, why and what to do, and the others go on.
 * All of it on the emulated host as it is; what goes wrong in it is told by tests/faults/.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { run } from "../base/process.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import type { Trial } from "../contract/trial.ts";
import { bootHost } from "../hosts/emulated/boot.ts";
import type { EmulatedHost } from "../hosts/emulated/host.ts";
import { patienceWith } from "../hosts/emulated/patience.ts";
import type { Patience } from "../hosts/emulated/watch.ts";
import type { Fault } from "./faults/faults.ts";
import { faultyExperiment, faultyHost } from "./faults/host.ts";
import { carryOutAll, faultOf, trialsOf } from "./faults/run.ts";
import { keepCoreBusy } from "./lab.ts";

/** What is said of each fault: first of what died and why, then of its console. */
const said: Partial<Record<Fault, RegExp[]>> = {
  panicInBoot: [/^guest 0 .*\(boot\)\. The guest's kernel died/, /guest 0, console .*\n.*panic/],
  panicInLoad: [/^guest 1 .*\(load .*kernel died/, /console .*\n.*segfault[^]*exitcode=0x0000000b/],
  initEnds: [/^guest 1 .*\(load /, /console .*\n.*Attempted to kill init! exitcode=0x00000300/],
  outOfMemory: [
    /^guest 1 .*\(load .*ran out of memory: set guest_memory_mib/,
    /deadlocked on memory/,
  ],
  panicInMerge: [
    /^guest 1 .*\. The guest's kernel died/,
    /guest 1, console .*\n.*segfault[^]*Kernel panic/,
  ],
  vmmKilled: [/^guest 1 was killed by signal 9\. The guest's VMM is gone/],
  vmmStopped: [/^guest 1 did not answer in time \(touch 1\)\. The guest slept or span/],
  asleep: [/^guest 1 did not answer in time \(touch 1\)\. The guest slept or span/],
  spinning: [/^guest 1 did not answer in time \(touch 1\)\. The guest slept or span/],
  flood: [/^guest 1 floods its console: more than 1048576 bytes/, /guest 1, console .*\n.*0000/],
  restless: [/^the guests did not come to rest within 32000 ms; guest 1 runs most/],
  guestWarns: [
    /^guest 1: its kernel complained .* is 512\)\. What is counted of it is not to be trusted/,
    /guest 1, console .*\n[^]*WARNING: CPU: 0 PID: 1 at faults/,
  ],
  agentKilled: [
    /^the host's agent died: it was ended by signal/,
    /console:\n[^]*exitcode=0x0000000/,
  ],
  warning: [/^the host's kernel complained/, /WARNING: CPU: 0 PID: 1 at saboteur/],
};

/** What is said of a host with so little memory, by MiB. */
const small: Record<number, RegExp> = {
  4: /^the host cannot hold what it boots from: its 4 MiB .* Set host_memory_mib to more/,
  32: /^the host ended before its kernel said a word\. .* 32 MiB: set host_memory_mib to more/,
  64: /^the host cannot unpack what it boots from: its 64 MiB .* Set host_memory_mib to more/,
  128: /^the host ran out of memory and killed "vmm": its 128 MiB .* Set host_memory_mib to more/,
};

async function withHost(
  test: (host: EmulatedHost, dir: string) => Promise<void>,
  patience?: typeof patienceWith,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(await faultyHost(dir, patience), dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function assertFailed({ status, reason }: TrialEntry, ...says: RegExp[]): void {
  assertEquals(status, "failed");
  for (const one of says) assertMatch(reason!, one);
}

Deno.test("whatever dies in a trial is named with its cause, its console and the next step, and others go on", () =>
  withHost(async (host, dir) => {
    const trials = trialsOf([
      faultyExperiment(["none", ...Object.keys(said) as Fault[]]),
      faultyExperiment(["hungry"], { host_memory_mib: Object.keys(small).map(Number) }),
    ], host);
    for (const entry of await carryOutAll(trials, host, dir, 2)) {
      const fault = faultOf(entry);
      if (fault === "none") assertEquals([entry.status, entry.reason], ["done", null]);
      else if (fault !== "hungry") assertFailed(entry, ...said[fault]!);
      else assertFailed(entry, small[Number(entry.settings.host_memory_mib)]!);
    }
  }));

/** As always, but that hung machines are noticed within seconds. */
function impatient(...settings: Parameters<typeof patienceWith>): Patience {
  return { ...patienceWith(...settings), standstill_s: 8, leastSpeed_per_s: 1e9 };
}

/** The process of the emulator that carries out a trial, once there is one. */
async function emulatorOf({ id }: Trial): Promise<string> {
  const script = `
    for process in /proc/[0-9]*; do
      grep -qs "^qemu-system" $process/comm && grep -qas -e "$1" $process/cmdline && echo $process
    done
    exit 0`;
  for (;;) {
    const { stdout } = await run("sh", ["-c", script, "sh", id], {
      ...{ purpose: "find the emulator", timeLimit_s: 60 },
    });
    const [found] = stdout.split("\n").filter((line) => line !== "");
    if (found !== undefined) return found.slice("/proc/".length);
  }
}

Deno.test("an emulator that is killed or stopped, and a machine that hangs, are told apart", () =>
  withHost(async (host, dir) => {
    const experiments = [
      faultyExperiment(["none"], { seed: [2, 3] }),
      faultyExperiment(["hostHangs"]),
      faultyExperiment(["none"], { seed: [4] }),
    ];
    const trials = trialsOf(experiments, host);
    const all = carryOutAll(trials, host, dir, 2);
    const signals = [["KILL", trials[0]!], ["STOP", trials[1]!]] as const;
    for (const [signal, trial] of signals) {
      const process = await emulatorOf(trial);
      await run("sh", ["-c", 'kill -s "$1" "$2"', "sh", signal, process], {
        ...{ purpose: `send ${signal}`, timeLimit_s: 10 },
      });
    }
    const [killed, stopped, hung, last] = await all;
    assertFailed(killed!, /ended by SIGKILL/);
    assertFailed(stopped!, /^the emulator was stopped by a signal, such as SIGSTOP: for 8 s/);
    /* The host's kernel goes on complaining, which is no progress. */
    assertFailed(
      hung!,
      /^the emulated machine hung in the phase merge: the emulator executed for/,
      /The host's console:\n[^]*rcu.*stall/,
    );
    assertEquals(last!.status, "done");
  }, impatient));

Deno.test("an emulator that waits for what never comes is ended", () =>
  withHost(async (host, dir) => {
    const [trial] = trialsOf([faultyExperiment(["none"])], host);
    const { settings } = trial!;
    const { parts: { emulator, hosts, images } } = host;
    const never = join(dir, "never");
    await run("mkfifo", [never], { purpose: "make a pipe", timeLimit_s: 10 });
    const { failure, crashed } = await bootHost(
      {
        ...{ emulator, vmlinux: hosts.get("6.1 patched")!.vmlinux, initrd: images[0]!.path },
        ...{ memory_mib: 256, seed: 1, mmu: "npt", outputRoom_mib: 4, goOnFrom: never },
        purpose: "wait for ever",
      },
      impatient(settings),
      dir,
      () => {},
      new AbortController().signal,
    );
    assertMatch(failure!, /^the emulator hung: for 8 s it executed nothing/);
    assert(crashed);
  }));

Deno.test("a trial on a machine with a load of 14 is waited for", () =>
  withHost(async (host, dir) => {
    const busy = Array.from({ length: 14 }, keepCoreBusy);
    try {
      const short = faultyExperiment(["none"], { guests: [1] }, ["boot", "load", "end"]);
      const [entry] = await carryOutAll(trialsOf([short], host), host, dir, 1);
      assertEquals([entry!.status, entry!.reason], ["done", null]);
    } finally {
      for (const worker of busy) worker.terminate();
    }
  }));
