// SPDX-License-Identifier: Apache-2.0
/** What levels of several factors ask of each other: no trial is begun that cannot be carried out. */
import { findsSeveralCpus, isDebianKernel, smpKernels } from "../kernel/lines.ts";
import { LabError } from "../base/errors.ts";
import { workloadByName } from "../workloads/workload.ts";
import { defaultSettings, type Factors, guestLinesOf } from "../contract/settings.ts";
import type { Level } from "../contract/setting.ts";
import { pagingModes, pagingNames } from "../machines/paging.ts";

/** Levels of a factor that a kernel has from a version on. */
interface KernelFeature {
  factor: string;
  needs: (level: Level) => boolean;
  since: string;
  called: string;
}

const kernelFeatures: KernelFeature[] = [
  {
    factor: "smart_scan",
    needs: (level) => level !== "default",
    since: "6.7",
    called: "/sys/kernel/mm/ksm/smart_scan",
  },
  {
    factor: "advisor_mode",
    needs: (level) => level !== "default",
    since: "6.8",
    called: "/sys/kernel/mm/ksm/advisor_mode",
  },
  {
    factor: "carrier",
    needs: (level) => level === "prctl",
    since: "6.4",
    called: "prctl(PR_SET_MEMORY_MERGE)",
  },
];

/** Seen to be enough for all workloads as they are by default. */
const leastForDebian_mib = 192;

/** A microvm's memory is in one piece up to here; the trace takes it for one. */
const mostTraced_mib = 3072;

/**
 * @throws {LabError} that names the levels which exclude each other. All levels are crossed, so one
 * of each is enough.
 */
export async function requirePossible(name: string, factors: Factors): Promise<void> {
  requireKernels(name, factors);
  await requireCarriers(name, factors);
  const { arm = [], debug_kernel = [], observe = [], guest_memory_mib = [] } = factors;
  if (arm.includes("stock") && debug_kernel.includes("on")) {
    throw new LabError(
      `Cannot run "${name}": there is no debug kernel without the series, for the arm stock`,
      "Take the arm stock out, or set debug_kernel=off",
    );
  }
  requireRoomForKernels(name, factors);
  requireCpusOfGuests(name, factors);
  requireTurns(name, factors);
  requireModels(name, factors);
  const large = guest_memory_mib.find((mib) => Number(mib) > mostTraced_mib);
  if (observe.includes("trace") && large !== undefined) {
    throw new LabError(
      `Cannot run "${name}": guests of ${large} MiB cannot be traced`,
      `Give them ${mostTraced_mib} MiB at most, or leave --trace out`,
    );
  }
}

/** A distribution's kernel unpacks itself beside the file that it comes in. */
function requireRoomForKernels(
  name: string,
  { guest_kernel = [], guest_memory_mib = [] }: Factors,
): void {
  const kernel = guest_kernel.find((level) => guestLinesOf(String(level)).some(isDebianKernel));
  const small = guest_memory_mib.find((mib) => Number(mib) < leastForDebian_mib);
  if (kernel === undefined || small === undefined) return;
  throw new LabError(
    `Cannot run "${name}": guests of ${small} MiB cannot boot the kernel ${kernel}`,
    `Give them more, such as --set guest_memory_mib=${leastForDebian_mib}`,
  );
}

/** The lab's smallest guest kernel is built without SMP: it would leave all CPUs but the first alone. */
function requireCpusOfGuests(name: string, { vcpus, guest_kernel, carrier }: Factors): void {
  const several = vcpus?.find((count) => Number(count) > 1);
  if (several === undefined || carrier?.every((level) => level !== "vm")) return;
  const kernel = (guest_kernel ?? [defaultSettings.guest_kernel])
    .find((level) => !guestLinesOf(String(level)).every(findsSeveralCpus));
  if (kernel === undefined) return;
  throw new LabError(
    `Cannot run "${name}": guests with vcpus=${several} cannot have the kernel ${kernel}: ` +
      "it is built for a single CPU",
    `Set guest_kernel=${smpKernels[0]}, or another that finds several, or vcpus=1`,
  );
}

/** One CPU has all turns: other levels would be the same trial under another name. */
function requireTurns(name: string, factors: Factors): void {
  if (!factors.host_cpus?.includes(1)) return;
  for (const factor of ["turn", "turn_seed"] as const) {
    const level = factors[factor]?.find((one) => one !== defaultSettings[factor]);
    if (level === undefined) continue;
    throw new LabError(
      `Cannot run "${name}": ${factor}=${level} changes nothing with host_cpus=1`,
      `Set host_cpus=2 or more, or leave ${factor} out`,
    );
  }
}

/** The others have one processor each. */
function requireModels(name: string, { mmu = [], cpu_model = [] }: Factors): void {
  const model = cpu_model.find((level) => level !== defaultSettings.cpu_model);
  const other = pagingNames.find((mode) =>
    mmu.includes(mode) && pagingModes[mode].vendor !== "vmx"
  );
  if (model === undefined || other === undefined) return;
  const intel = pagingNames.filter((mode) => pagingModes[mode].vendor === "vmx");
  throw new LabError(
    `Cannot run "${name}": cpu_model=${model} is one of Intel's processors, and mmu=${other} is AMD's`,
    `Set mmu to ${intel.join(" or ")}, or leave cpu_model out`,
  );
}

function requireKernels(name: string, factors: Factors): void {
  for (const { factor, needs, since, called } of kernelFeatures) {
    const level = factors[factor]?.find(needs);
    const tooOld = factors.kernel?.find((line) => isBefore(String(line), since));
    if (level === undefined || tooOld === undefined) continue;
    throw new LabError(
      `Cannot run "${name}": ${factor}=${level} needs ${called}, which Linux ${tooOld} does not ` +
        `have: it came with ${since}`,
      `Set kernel to a newer line, or leave ${factor} as it is by default`,
    );
  }
}

/** "6.1" is before "6.7", and "6.12" is not. */
function isBefore(line: string, since: string): boolean {
  const [major = 0, minor = 0] = line.split(".").map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = since.split(".").map(Number);
  return major < sinceMajor || (major === sinceMajor && minor < sinceMinor);
}

/** Not every workload makes sense without a guest around it, and nobody traces what has no guests. */
async function requireCarriers(name: string, factors: Factors): Promise<void> {
  const { carrier = [], observe = [], vcpus = [], workload: names = [] } = factors;
  const process = carrier.find((level) => level !== "vm");
  if (process === undefined) return;
  if (observe.includes("trace")) {
    throw new LabError(
      `Cannot run "${name}": carrier=${process} has no guests, so there are no faults to trace`,
      "Leave --trace out, or set carrier=vm",
    );
  }
  const several = vcpus.find((count) => Number(count) > 1);
  if (several !== undefined) {
    throw new LabError(
      `Cannot run "${name}": carrier=${process} has no guests, so there is none with vcpus=${several}`,
      "Set vcpus=1, or carrier=vm",
    );
  }
  for (const each of names) {
    const { processes } = await workloadByName(String(each));
    if (processes === true) continue;
    throw new LabError(
      `Cannot run "${name}": the workload ${each} runs in guests only, not with carrier=${process}`,
      "Set carrier=vm, or choose a workload that runs as processes, such as process",
    );
  }
}
