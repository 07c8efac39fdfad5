// SPDX-License-Identifier: Apache-2.0
/**
 * A host that boots to check its kernel: programs run in it one after the other, and how each
 * ended and what it said is brought out.
 */
import { join } from "@std/path";
import { declare, text, whole } from "../contract/declaration.ts";
import { planText } from "../contract/plan.ts";
import { readAs } from "../contract/record.ts";
import { bootHost } from "../hosts/emulated/boot.ts";
import { emulatorOf, type HostBoot } from "../hosts/emulated/host_boot.ts";
import { patienceFor } from "../hosts/emulated/patience.ts";
import { outletLines } from "../hosts/emulated/plan_archive.ts";
import { buildBochs } from "../emulator/bochs/build.ts";
import { buildEmulator, type BuiltEmulator } from "../emulator/qemu/build.ts";
import { cpio, type Entry } from "../images/cpio.ts";
import { compileProgram } from "../images/programs.ts";
import { withScratch } from "../store/cache.ts";
import { LabError } from "../base/errors.ts";
import { goOnUnlessInterrupted, interruption } from "../base/interruption.ts";
import type { Report } from "../base/report.ts";
import type { PagingName } from "../machines/paging.ts";

/** What the runner does: a program with its arguments, "write PATH TEXT" or "load MODULE". */
export interface Step {
  name: string;
  command: readonly string[];
}

/** How a program ended. */
export interface StepResult {
  name: string;
  /** Exit status; 124 when its time was up, 128 + N when signal N ended it. */
  status: number;
  /** The host's time. */
  took_ns: number;
  /** Standard output and error; of much, the end. */
  output: string;
}

/** What emulates hosts that are checked. */
export interface CheckPrograms {
  emulator: BuiltEmulator;
  /** Where there are processors that need it. */
  bochs?: HostBoot["bochs"];
}

export interface CheckBoot extends CheckPrograms {
  name: string;
  vmlinux: string;
  mmu: HostBoot["mmu"];
  cpu_model?: HostBoot["cpu_model"];
  memory_mib: number;
  /** How many CPUs there are, and how they take turns: see HostBoot. */
  turns?: Pick<HostBoot, "cpus" | "turn" | "turn_seed">;
  /** Path in the host -> file here. All can be executed. */
  files: Readonly<Record<string, string>>;
  steps: readonly Step[];
  /** How long a step may take, of the host's time. */
  stepLimit_s: number;
}

export interface CheckOutcome {
  /** Of the steps that are programs, in order, as far as it got. */
  steps: StepResult[];
  /** Why the host as a whole failed: its kernel complained, or it never ended. */
  failure: string | undefined;
  /** Executed by the host from power-on to its end; nothing when the emulator did not say. */
  instructions: number | undefined;
}

/** Hosts at a time. */
export const jobs = navigator.hardwareConcurrency;

const here = import.meta.dirname!;
const seed = 1;
const outputRoom_mib = 16;
const mountPoints = ["dev", "proc", "run", "sys", "tmp"];

/** What all check programs are linked with. */
const sharedSources = ["dirty_log.c", "files.c", "small_vm.c", "trace.c", "trouble.c"];

/** What one of them has besides. */
const ownSources: Readonly<Record<string, readonly string[]>> = {
  merge_under_kvm: ["huge_slot.c", "locks.c", "spinning.c"],
};

/** The program of `programs/NAME.c`. */
export function buildCheckProgram(name: string, report: Report): Promise<string> {
  const dir = join(here, "programs");
  const files = [`${name}.c`, ...sharedSources, ...ownSources[name] ?? []];
  const sources = files.map((file) => join(dir, file));
  return compileProgram(name, [dir], sources, name, report);
}

/** The init of the host; it shares what reads plans and writes records with the agent. */
function buildRunner(report: Report): Promise<string> {
  const host = join(here, "..", "agent");
  const shared = ["file.c", "output.c", "pci.c", "plan.c", "record.c"].map((name) =>
    join(host, name)
  );
  const sources = [join(here, "programs", "runner.c"), ...shared];
  return compileProgram("runner", [host], sources, "the runner of checks", report);
}

/** The emulators that hosts with these ways to map memory need, built or from the cache. */
export async function checkPrograms(
  mmus: readonly PagingName[],
  report: Report,
): Promise<CheckPrograms> {
  const needsBochs = mmus.some((mmu) => emulatorOf({ mmu }) === "Bochs");
  return {
    emulator: await buildEmulator(report),
    ...(needsBochs ? { bochs: await buildBochs(report) } : {}),
  };
}

/** @throws {LabError} when the emulator cannot be started. */
export async function runChecks(boot: CheckBoot, report: Report): Promise<CheckOutcome> {
  const runner = await buildRunner(report);
  return await withScratch(`check-${boot.name}-${crypto.randomUUID().slice(0, 8)}`, async (dir) => {
    const initrd = join(dir, "initrd.cpio");
    await Deno.writeFile(initrd, cpio(await entriesOf(boot, runner)));
    const { records, failure, instructions } = await bootHost(
      {
        ...{ emulator: boot.emulator, bochs: boot.bochs },
        vmlinux: boot.vmlinux,
        initrd,
        memory_mib: boot.memory_mib,
        seed,
        mmu: boot.mmu,
        ...(boot.cpu_model === undefined ? {} : { cpu_model: boot.cpu_model }),
        ...boot.turns,
        outputRoom_mib,
        purpose: `run the check ${boot.name}`,
      },
      patienceFor(boot.stepLimit_s * 1000),
      dir,
      () => {},
      interruption,
    );
    goOnUnlessInterrupted("the check was not done");
    return { steps: stepsIn(records), failure, instructions };
  });
}

async function entriesOf(boot: CheckBoot, runner: string): Promise<Entry[]> {
  const entries: Entry[] = mountPoints.map((path) => ({ path }));
  entries.push({ path: "init", data: await Deno.readFile(runner), executable: true });
  for (const [path, source] of Object.entries(boot.files)) {
    entries.push({ path, data: await Deno.readFile(source), executable: true });
  }
  entries.push({ path: "plan", data: new TextEncoder().encode(planOf(boot)) });
  return entries;
}

function planOf({ steps, stepLimit_s, mmu, memory_mib }: CheckBoot): string {
  const lines = steps.map(({ name, command }, index) => {
    const words = [name, ...command];
    const bad = words.find((word) => word === "" || /\s/.test(word));
    if (bad !== undefined) {
      throw new LabError(`Cannot plan the step ${name}: "${bad}" is not one word`);
    }
    return `step.${index + 1} ${words.join(" ")}\n`;
  });
  const outlet = outletLines({ mmu, memory_mib, outputRoom_mib });
  return planText([...outlet, ["step_limit_ms", stepLimit_s * 1000]]) + lines.join("");
}

/** What the runner records of each step, see programs/runner.c. */
const step = declare({
  says: "How a program ended.",
  fields: {
    name: text("name of the step"),
    status: whole("exit status; 124 when its time was up, 128 + N when signal N ended it"),
    took_ns: whole("the host's time", { unit: "ns" }),
    output: text("standard output and error; of much, the end"),
  },
  table: { form: "own" },
});

function stepsIn(records: Uint8Array): StepResult[] {
  const lines = new TextDecoder().decode(records).split("\n").filter((line) => line !== "");
  return lines.map((line) => readAs(line, { step })).filter(({ kind }) => kind === "step")
    .map((record) => record as unknown as StepResult)
    .map(({ name, status, took_ns, output }) => ({ name, status, took_ns, output }));
}
