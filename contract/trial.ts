/** A trial, and what makes it the same trial wherever it runs. */
import { sha256OfJson } from "../base/digest.ts";
import type { PhaseName, Settings } from "../bench/settings.ts";

/** Raised when the agent's plan, its phases or its records change in meaning. */
export const trialFormat = 1;

/** Digests of what a trial runs on; the keys name the parts. */
export type InputDigests = Readonly<Record<string, string>>;

/** Something that trials run on, or were built with. */
export interface Input {
  digest: string;
  version: string;
}

export type Inputs = Readonly<Record<string, Input>>;

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

/** Neither folder, time, machine, experiment name nor order enters. */
export function identityOf(
  settings: Settings,
  phases: readonly PhaseName[],
  inputs: InputDigests,
): string {
  return sha256OfJson({ trialFormat, settings, phases: [...phases], inputs });
}
