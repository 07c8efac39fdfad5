// SPDX-License-Identifier: Apache-2.0
/** The kernel's own tests of KVM and KSM, on stock and on the patched kernel. */
import type { BuiltKernel } from "../kernel/build.ts";
import type { Selftests } from "./build_selftests.ts";
import { chosenBy } from "./chosen.ts";
import type { Report } from "../base/report.ts";
import { emulatorOf } from "../hosts/emulated/host_boot.ts";
import { pagingModes, type PagingName } from "../machines/paging.ts";
import { type CheckOutcome, type CheckPrograms, runChecks, type Step } from "./host.ts";
import { type SwitchState, writeSwitch } from "./merging.ts";

/** As the kernel's own tests say it with their exit status. */
export type Verdict = "pass" | "skip" | "fail" | "time is up" | "not run";

const skipStatus = 4;
const timeUpStatus = 124;

/** Exit status in words. */
export function verdictOf(status: number | undefined): Verdict {
  switch (status) {
    case undefined:
      return "not run";
    case 0:
      return "pass";
    case skipStatus:
      return "skip";
    case timeUpStatus:
      return "time is up";
    default:
      return "fail";
  }
}

/**
 * Left out: what needs a second CPU, or hours of an emulated machine; and what measures instead of
 * testing.
 */
const leftOut =
  /^(sev_|amx_|.*_perf_test$|hardware_disable|rseq_test|kvm_create_max_vcpus|max_guest_memory|kvm_page_table_test|demand_paging)/;

/** What is about the virtualization of the other vendor alone. */
const ofOtherVendor = { svm: /^vmx_/, vmx: /^(svm_|nested_svm)/ };

/** The kernel's own script for its tests of mm calls them this way. */
const ksmCalls: Record<string, string[][]> = {
  ksm_tests: [
    ["-M", "-p", "10"],
    ["-U"],
    ["-Z", "-p", "10", "-z", "0"],
    ["-Z", "-p", "10", "-z", "1"],
    ["-P", "-s", "20"],
    ["-C", "-p", "10"],
  ],
  ksm_functional_tests: [[]],
};

/** Bochs has 2 GiB with what comes out. */
const memory_mib = { QEMU: 2048, Bochs: 1536 };
const stepLimit_s = 60;

/** What is run one after the other on a host, and the programs that are called. */
export interface ChosenSteps {
  steps: readonly Step[];
  files: Record<string, string>;
}

/**
 * The steps of one run on such a host, and the programs they call.
 *
 * @param only if given, those alone whose names hold one of these words.
 * @throws {LabError} when there is none.
 */
export function stepsOf(
  tests: Selftests,
  mmu: PagingName,
  only?: readonly string[],
): ChosenSteps {
  const all = allSteps(tests, mmu);
  const steps = chosenBy(only, all.steps, ({ name }) => name);
  const called = new Set(steps.map(({ command }) => command[0]!.slice(1)));
  const files = Object.entries(all.files).filter(([path]) => called.has(path));
  return { steps, files: Object.fromEntries(files) };
}

function allSteps(tests: Selftests, mmu: PagingName): ChosenSteps {
  const other = ofOtherVendor[pagingModes[mmu].vendor];
  const steps: Step[] = [];
  const files: Record<string, string> = {};
  for (const [name, program] of Object.entries(tests.kvm).sort()) {
    if (leftOut.test(name) || other.test(name)) continue;
    files[`kvm/${name}`] = program;
    steps.push({ name: `kvm:${name}`, command: [`/kvm/${name}`] });
  }
  for (const [name, program] of Object.entries(tests.ksm)) {
    files[`ksm/${name}`] = program;
    for (const words of ksmCalls[name] ?? [[]]) {
      const title = [`ksm:${name}`, ...words].join("_");
      steps.push({ name: title, command: [`/ksm/${name}`, ...words] });
    }
  }
  return { steps, files };
}

/**
 * Runs them all.
 *
 * @param changePte state of the switch; `undefined` on a kernel that has none.
 */
export function runSelftests(
  name: string,
  kernel: BuiltKernel,
  programs: CheckPrograms,
  { steps, files }: ChosenSteps,
  mmu: PagingName,
  changePte: SwitchState | undefined,
  report: Report,
): Promise<CheckOutcome> {
  const set: Step[] = changePte === undefined ? [] : [writeSwitch(changePte)];
  return runChecks({
    name,
    ...programs,
    vmlinux: kernel.vmlinux,
    mmu,
    memory_mib: memory_mib[emulatorOf({ mmu })],
    files,
    steps: [...set, ...steps],
    stepLimit_s,
  }, report);
}
