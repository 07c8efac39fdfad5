// SPDX-License-Identifier: Apache-2.0
/**
 * Trials that go on from one state. Up to the end of the phase `settle` trials that differ only in what
 * acts later are the same machine: it is executed once, saved, and each of them goes on from there.
 *
 * A trial that is booted whole goes through the same at that point, in place, so that both are equal to
 * the byte. A fork is a way of carrying a trial out, and no other trial.
 */
import { sha256OfJson } from "../../base/digest.ts";
import type { PhaseName } from "../../contract/phases.ts";
import { settingOf, type Settings } from "../../contract/settings.ts";
import type { InputDigests, Trial } from "../../contract/trial.ts";
import { emulatorOf } from "./host_boot.ts";

/** The last phase that trials can share. */
export const forkAfter: PhaseName = "settle";

/** What trials that can go on from one state have in common. */
export interface Prefix {
  /** Digest of all that the state depends on. */
  identity: string;
  settings: Partial<Settings>;
  phases: PhaseName[];
}

/**
 * Why a trial cannot go on from a state that others share, as the end of a sentence; nothing if it can.
 */
export function forkObjection({ phases }: Pick<Trial, "phases">): string | undefined {
  if (!phases.includes(forkAfter)) return `it has no phase ${forkAfter}`;
  if (phases.includes("grow")) return "its guests come one by one, in the phase grow";
  return undefined;
}

/** What of a trial comes before the fork; nothing if it cannot fork. */
export function prefixOf(
  { settings, phases }: Pick<Trial, "settings" | "phases">,
  inputs: InputDigests,
): Prefix | undefined {
  /* Bochs saves no states: there a trial is booted whole. */
  if (emulatorOf(settings) !== "QEMU" || forkObjection({ phases }) !== undefined) return undefined;
  const common = settingsThat(settings, (after) => after !== "settle");
  const before = phases.slice(0, phases.indexOf(forkAfter) + 1);
  const identity = sha256OfJson({ settings: common, phases: [...before], inputs });
  return { identity, settings: common, phases: before };
}

/** The settings that act after the fork. */
export function settingsBehind(settings: Settings): Partial<Settings> {
  return settingsThat(settings, (after) => after === "settle");
}

/** Parameters of workloads act when guests load: before the fork. */
function settingsThat(
  settings: Settings,
  holds: (after: "boot" | "settle") => boolean,
): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => holds(settingOf(name)?.after ?? "boot")),
  ) as Partial<Settings>;
}
