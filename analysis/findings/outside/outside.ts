// SPDX-License-Identifier: Apache-2.0
/** What a run shows that was imported or observed: no arms, no phases, nothing to compare within it. */
import type { Evidence, Finding } from "../finding.ts";
import { outsideExitsFinding } from "./exits.ts";
import { ksmFinding } from "./ksm.ts";
import { guestsFinding, mergingFinding } from "./merging.ts";
import { ratesFinding } from "./rates.ts";
import { sourcesFinding } from "./sources.ts";

/** Questions that these findings rest on. */
export const outsideQuestions = [
  ...["outside_ksm", "outside_exits", "outside_rates", "outside_sources", "outside_remarks"],
  ...["outside_merging", "outside_guests"],
] as const;

/** The findings of such a run, the most important first. */
export function outsideFindings(evidence: Evidence): Finding[] {
  return [
    mergingFinding(evidence),
    ksmFinding(evidence),
    ratesFinding(evidence),
    outsideExitsFinding(evidence),
    guestsFinding(evidence),
    sourcesFinding(evidence),
  ].filter((finding) => finding !== null);
}
