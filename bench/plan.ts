/**
 * From an experiment to its trials: which there are, in which order, and what makes each the same
 * trial wherever it runs.
 */
import { sha256OfJson } from "../base/digest.ts";
import { crossLevels, type Experiment, type Factors } from "./experiment.ts";
import type { PhaseName, Settings } from "./settings.ts";

/** Raised when the agent's plan, its phases or its records change in meaning. */
export const trialFormat = 1;

/** Digests of what a trial runs on; the keys name the parts. */
export type InputDigests = Readonly<Record<string, string>>;

export interface Trial {
  /** Short and readable, unique within a run, and the name of its files. */
  id: string;
  /** Digest of everything that the trial's records depend on. */
  identity: string;
  /** Trials that differ only in the arm are in one block and run one after the other. */
  block: number;
  settings: Settings;
  phases: readonly PhaseName[];
}

/**
 * The trials of an experiment, block by block. The order of the arms is reversed in every other
 * block: where time matters, a drift of the machine then does not favour one arm.
 *
 * @param inputsOf digests of what a trial with these settings runs on.
 */
export function plan(
  experiment: Experiment,
  inputsOf: (settings: Settings) => InputDigests,
): Trial[] {
  const { arm: arms = [], ...others } = experiment.factors;
  const trials: Trial[] = [];
  crossLevels(seedFirst(others)).forEach((shared, block) => {
    const order = block % 2 === 0 ? arms : arms.toReversed();
    for (const arm of order) {
      const settings = { ...shared, arm } as Settings;
      const identity = identityOf(settings, experiment.phases, inputsOf(settings));
      trials.push({
        id: `${settings.workload}-${arm}-s${settings.seed}-${identity.slice(0, 8)}`,
        identity,
        block,
        settings,
        phases: experiment.phases,
      });
    }
  });
  return trials;
}

/** Seeds go slowest: an interrupted run then has whole replications. */
function seedFirst({ seed = [], ...others }: Factors): Factors {
  return { seed, ...others };
}

/** Neither folder, time, machine, experiment name nor order enters. */
export function identityOf(
  settings: Settings,
  phases: readonly PhaseName[],
  inputs: InputDigests,
): string {
  return sha256OfJson({ trialFormat, settings, phases: [...phases], inputs });
}

/** Pages of a guest that is not its memory: VMM, page tables, kernel objects. */
const overheadOfGuest_mib = 28;
const overheadOfHost_mib = 160;
/** Ring buffer of the raw trace. */
const overheadOfTrace_mib = 128;
/** Shadow memory, stack traces and larger structures of a kernel that checks itself. */
const overheadOfChecks_mib = 384;
const step_mib = 64;

/**
 * Memory of the emulated host: as set, or enough for all guests without any merging; and what the RAM
 * disk for swap takes.
 */
export function hostMemory_mib(settings: Settings, image_bytes: number): number {
  return settings.swap_mib + memoryWithoutSwap_mib(settings, image_bytes);
}

function memoryWithoutSwap_mib(settings: Settings, image_bytes: number): number {
  if (settings.host_memory_mib > 0) return settings.host_memory_mib;
  const guests_mib = settings.guests * (settings.guest_memory_mib + overheadOfGuest_mib);
  /* The image is there twice while it is unpacked. */
  const image_mib = 2 * image_bytes / 2 ** 20;
  const trace_mib = settings.observe === "trace" ? overheadOfTrace_mib : 0;
  const checks_mib = settings.debug_kernel ? overheadOfChecks_mib : 0;
  const needed_mib = overheadOfHost_mib + image_mib + guests_mib + trace_mib + checks_mib;
  return Math.ceil(needed_mib / step_mib) * step_mib;
}

/** The agent's plan: "key value" lines. */
export function planText(trial: Trial, disk: string | undefined): string {
  const { settings, phases } = trial;
  const lines: [string, string | number][] = [["format", trialFormat]];
  for (const [key, value] of Object.entries(settings)) {
    lines.push([key, typeof value === "boolean" ? Number(value) : value]);
  }
  lines.push(["phases", phases.join(",")]);
  if (disk !== undefined) lines.push(["disk", disk]);
  return lines.map(([key, value]) => `${key} ${value}\n`).join("");
}
