// SPDX-License-Identifier: Apache-2.0
/**
 * The trial before all others on a real host, of which nothing is kept: if there KSM merges nothing,
 * what the others would count is nothing of merging.
 */
import { LabError } from "../../base/errors.ts";
import type { Report } from "../../base/report.ts";
import { isA, readRecord } from "../../contract/record.ts";
import { sha256 } from "../../base/digest.ts";
import type { Trial } from "../../contract/trial.ts";
import type { Host } from "../host.ts";

const guests = 2;

/** The smallest trial that merges: two of a trial's guests, up to the merging. It warms the host up, too. */
export function canaryOf({ settings, identity, id }: Trial): Trial {
  return {
    id: `canary-${id}`,
    identity: sha256(new TextEncoder().encode(`canary ${identity}`)),
    block: 0,
    settings: { ...settings, guests, ksm: "on", observe: "counters" },
    phases: ["boot", "load", "settle", "merge", "end"],
  };
}

/** Most pages that were merged at some moment. */
export function mostMerged(records: Uint8Array): number {
  let most = 0;
  for (const line of new TextDecoder().decode(records).split("\n")) {
    if (line === "") continue;
    const record = readRecord(line);
    if (isA(record, "ksm")) most = Math.max(most, record.pages_sharing ?? 0);
  }
  return most;
}

/**
 * @throws {LabError} when the host does not carry such a trial out, or nothing is merged there.
 */
export async function requireMerging(host: Host, trial: Trial, report: Report): Promise<void> {
  const canary = canaryOf(trial);
  report(`${host.name}: a canary: two guests, which must merge before anything counts`);
  const outcome = await host.carryOut(canary, () => {}, new AbortController().signal);
  if (outcome.ended === "interrupted") return;
  if (outcome.ended !== "done") {
    throw new LabError(`Cannot run on ${host.name}: its canary failed: ${outcome.reason}`);
  }
  const merged = mostMerged(outcome.records);
  if (merged === 0) {
    throw new LabError(
      `Cannot run on ${host.name}: KSM merged nothing of two equal guests there`,
      "See /sys/kernel/mm/ksm there, and whether something else stops it",
    );
  }
  report(`${host.name}: the canary merged ${merged} pages`);
}
