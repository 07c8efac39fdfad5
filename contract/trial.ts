// SPDX-License-Identifier: Apache-2.0
/** A trial, and what makes it the same trial wherever it runs. */
import { sha256OfJson } from "../base/digest.ts";
import type { PhaseName } from "./phases.ts";
import { recordsFormat } from "./records.ts";
import { type Settings, toldSettings } from "./settings.ts";

/** Digests of what a trial runs on; the keys name the parts. */
export type InputDigests = Readonly<Record<string, string>>;

/** Something that trials run on, or were built with. */
export interface Input {
  /** SHA-256 of its bits. */
  digest: string;
  /** For people. */
  version: string;
}

/** Inputs by name. */
export type Inputs = Readonly<Record<string, Input>>;

/** One boot of a host with its guests, as it is planned. */
export interface Trial {
  /** Short and readable, unique within a run, and the name of its files. */
  id: string;
  /** Digest of everything that the trial's records depend on. */
  identity: string;
  /** Trials that differ only in the arm are in one block and run one after the other. */
  block: number;
  /** The level of each setting. */
  settings: Settings;
  /** In order. */
  phases: readonly PhaseName[];
}

/** Neither folder, time, machine, experiment name nor order enters. */
export function identityOf(
  settings: Settings,
  phases: readonly PhaseName[],
  inputs: InputDigests,
): string {
  return sha256OfJson({
    ...{ recordsFormat, settings: toldSettings(settings), phases: [...phases], inputs },
  });
}
