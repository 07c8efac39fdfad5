// SPDX-License-Identifier: Apache-2.0
/** The kernel's own tests of KVM and KSM, on stock and on the patched kernel. */
import type { BuiltEmulator } from "../emulator/qemu/build.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import type { Selftests } from "./build_selftests.ts";
import type { Report } from "../base/report.ts";
import { type CheckOutcome, runChecks, type Step } from "./host.ts";
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
 * Left out: what needs a second CPU, Intel's VMX, or hours of an emulated machine; and what
 * measures instead of testing.
 */
const leftOut =
  /^(vmx_|sev_|amx_|.*_perf_test$|hardware_disable|rseq_test|kvm_create_max_vcpus|max_guest_memory|kvm_page_table_test|demand_paging)/;

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

const memory_mib = 2048;
const stepLimit_s = 60;

/** The steps of one run, and the programs they call. */
export function stepsOf(tests: Selftests): { steps: Step[]; files: Record<string, string> } {
  const steps: Step[] = [];
  const files: Record<string, string> = {};
  for (const [name, program] of Object.entries(tests.kvm).sort()) {
    if (leftOut.test(name)) continue;
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
  emulator: BuiltEmulator,
  tests: Selftests,
  changePte: SwitchState | undefined,
  report: Report,
): Promise<CheckOutcome> {
  const { steps, files } = stepsOf(tests);
  const set: Step[] = changePte === undefined ? [] : [writeSwitch(changePte)];
  return runChecks({
    name,
    emulator,
    vmlinux: kernel.vmlinux,
    mmu: "npt",
    memory_mib,
    files,
    steps: [...set, ...steps],
    stepLimit_s,
  }, report);
}
