// SPDX-License-Identifier: Apache-2.0
import { basename, join } from "@std/path";
import { type BuiltEmulator, findEmulator } from "../emulator/qemu/build.ts";
import { cacheRoot } from "../store/cache.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { describeMachine, type Machine } from "../store/machine.ts";
import { run } from "../base/process.ts";
import { wayHere } from "../debian/room.ts";
import { reportNothing } from "../base/report.ts";

/** One emulated host with eight guests, and the lab itself beside it. */
const memoryNeeded_mib = 3000;

/** All sources, all builds, and room for what lies about while they go on. */
const spaceNeeded_mib = 5000;

const probeLimit_s = 20;

/** Whether something can be done here, and the reasons for or against it. */
export interface Verdict {
  possible: boolean;
  reasons: string[];
}

/** `lab doctor`: what this machine can do. */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const machine = await describeMachine();
  const emulator = await emulatorIfBuilt();
  const missing = await missingPackages();
  const report = {
    machine,
    emulated: emulatedVerdict(machine, missing),
    local: localVerdict(machine, await probeKvm(machine, emulator)),
    missingPackages: missing,
    /* How builds get into their room: see docs/BUILDS.md. */
    room: await wayHere() ?? null,
    cached: await cachedKinds(),
  };
  if (json) console.log(JSON.stringify(report));
  else for (const line of describe(report)) console.log(line);
  return report.emulated.possible || report.local.possible ? 0 : 2;
}

/** The emulated host asks for nothing but room. */
export function emulatedVerdict(machine: Machine, missing: readonly string[]): Verdict {
  const against: string[] = [];
  if (machine.arch !== "x86_64") against.push(`built for x86-64 only, this is ${machine.arch}`);
  if (machine.memory_mib < memoryNeeded_mib) {
    against.push(`${machine.memory_mib} MiB of memory, ${memoryNeeded_mib} needed`);
  }
  if (machine.free_mib < spaceNeeded_mib) {
    against.push(`${machine.free_mib} MiB free for the cache, ${spaceNeeded_mib} needed`);
  }
  if (missing.length > 0) against.push(`missing packages: ${missing.join(" ")}`);
  return against.length > 0
    ? { possible: false, reasons: against }
    : { possible: true, reasons: ["needs no hardware virtualization and no root"] };
}

/** A device file alone proves nothing: the processor has to show it, and a guest has to start. */
export function localVerdict(machine: Machine, probe: string | undefined): Verdict {
  const against: string[] = [];
  if (machine.virtualization === undefined) {
    against.push("neither svm nor vmx among the flags in /proc/cpuinfo");
  }
  if (!machine.kvmDevice) against.push("no /dev/kvm");
  if (probe !== undefined) against.push(probe);
  if (against.length > 0) return { possible: false, reasons: against };
  return {
    possible: true,
    reasons: [
      `${machine.virtualization}, and a trial guest started`,
      ...(machine.knob ? [] : [
        `the arm stock alone, since kernel ${machine.kernel} has no switch kvm.change_pte`,
      ]),
    ],
  };
}

async function emulatorIfBuilt(): Promise<BuiltEmulator | undefined> {
  try {
    return await findEmulator(reportNothing);
  } catch (error) {
    if (error instanceof LabError) return undefined; // no compiler, so nothing built here either
    throw error;
  }
}

/** Starts a virtual machine that is never let run: creating its processor is the test. */
async function probeKvm(
  machine: Machine,
  emulator: BuiltEmulator | undefined,
): Promise<string | undefined> {
  if (!machine.kvmDevice) return undefined;
  if (emulator === undefined) return "not probed: the emulator is not built (./lab build emulator)";
  try {
    await run(emulator.qemu, [
      ...["-L", emulator.firmwareDir, "-M", "microvm", "-accel", "kvm", "-cpu", "host"],
      ...["-m", "32", "-nodefaults", "-no-user-config", "-display", "none", "-S"],
      ...["-monitor", "stdio"],
    ], {
      stdin: new TextEncoder().encode("quit\n"),
      timeLimit_s: probeLimit_s,
      purpose: "start a trial guest",
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const said = error.message.split("\n").find((line) => /kvm|KVM|error/.test(line)) ?? "";
    return `a trial guest did not start: ${said.replace(/^\s*\|\s*/, "").trim()}`;
  }
}

/** By the same list that the bootstrap goes by. */
async function missingPackages(): Promise<string[]> {
  const list = await Deno.readTextFile(
    join(import.meta.dirname!, "..", "tools/debian-packages.txt"),
  );
  const path = (Deno.env.get("PATH") ?? "").split(":").filter((dir) => dir !== "");
  const missing: string[] = [];
  for (const line of list.split("\n")) {
    const [wanted, name] = line.split(" ");
    if (!wanted || wanted.startsWith("#") || name === undefined) continue;
    const places = wanted.startsWith("/")
      ? [wanted]
      : wanted.split("|").flatMap((program) => path.map((dir) => join(dir, program)));
    const found = await Promise.all(places.map(canBeFound));
    if (!found.includes(true)) missing.push(name);
  }
  return missing;
}

/**
 * Whether a program can be found there: what cannot be looked into holds none that could be started, and
 * what busybox has under such a name does not know the options that the lab uses.
 */
export async function canBeFound(path: string): Promise<boolean> {
  try {
    return await exists(path) && !basename(await Deno.realPath(path)).startsWith("busybox");
  } catch {
    return false;
  }
}

/** How many entries of each kind the cache holds. */
async function cachedKinds(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of ["kernel", "emulator", "image", "room", "debian"]) {
    const dir = join(cacheRoot(), kind);
    if (!await exists(dir)) continue;
    counts[kind] = (await Array.fromAsync(Deno.readDir(dir))).length;
  }
  return counts;
}

function describe(report: {
  machine: Machine;
  emulated: Verdict;
  local: Verdict;
  room: string | null;
  cached: Record<string, number>;
}): string[] {
  const { machine, cached } = report;
  const verdict = (name: string, { possible, reasons }: Verdict) =>
    `${name}: ${possible ? "yes" : "no"} (${reasons.join("; ")})`;
  const kept = Object.entries(cached).map(([kind, count]) => `${count} ${kind}`).join(", ");
  return [
    verdict("emulated host", report.emulated),
    verdict("local host", report.local),
    report.room === null
      ? "builds: no (this user may make no namespaces: install bubblewrap, or import a bundle, see docs/BUILDS.md)"
      : `builds: yes (in a room of their own, entered by way of ${report.room})`,
    `machine: ${machine.system}, Linux ${machine.kernel}, ${machine.arch}, ` +
    `${machine.cores} cores, ${machine.memory_mib} MiB of memory`,
    `cache: ${cacheRoot()}, ${machine.free_mib} MiB free, ${kept === "" ? "empty" : kept}`,
  ];
}
