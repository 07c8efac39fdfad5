// SPDX-License-Identifier: Apache-2.0
import { counted, listed, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, rowsOf } from "./finding.ts";

const MUST_NOT_BE_USED = "The numbers of this run must not be used before that is explained.";

/** Whether guests read the content they should. A difference is a defect, not a result. */
export function contentFinding(evidence: Evidence): Finding {
  return {
    id: "content",
    heading: "Did the guests read the same content?",
    sentences: [...betweenRounds(evidence), ...betweenArms(evidence)],
    caveats: [],
  };
}

/** Within a trial: nothing is written between the rounds of `touch`. */
function betweenRounds(evidence: Evidence): string[] {
  const rows = rowsOf(evidence, "content_kept").filter(({ rounds }) => Number(rounds) > 1);
  if (rows.length === 0) return [];
  const changed = rows.filter((row) => Number(row.different) > 0);
  const trials = counted(new Set(rows.map(({ trial }) => trial)).size, "trial");
  if (changed.length === 0) {
    return [`Each guest of ${trials} read the same in all its rounds after merging.`];
  }
  const places = changed.map(({ trial, guest }) => `${trial} guest ${guest}`);
  return [
    `Of the guests of ${trials}, ${
      whole(changed.length)
    } read something else from one round to the next ` +
    `(${examples(places)}). ${MUST_NOT_BE_USED}`,
  ];
}

/** Between arms: the same seed must lead to the same content, as far as it holds no addresses. */
function betweenArms(evidence: Evidence): string[] {
  const rows = rowsOf(evidence, "content_read");
  const compared = rows.filter(({ arms }) => Number(arms) > 1);
  if (compared.length === 0) {
    return ["Not checked between arms: no two arms have checksums of the same guest and round."];
  }
  const different = compared.filter((row) => Number(row.different) > 0);
  const total = counted(compared.length, "checksum");
  if (different.length === 0) {
    return [`Yes: ${whole(compared.length)} of ${total} are equal in all arms.`];
  }
  const randomized = randomizedBefore(evidence, different);
  const unexplained = different.filter((row) => !randomized.has(guestOf(row)));
  if (unexplained.length > 0) {
    const places = unexplained.map((row) => `${guestOf(row)} ${row.phase} round ${row.round}`);
    return [
      `No: ${whole(unexplained.length)} of ${total} differ between arms (${examples(places)}). ` +
      MUST_NOT_BE_USED,
    ];
  }
  const workloads = [...new Set(different.map(({ workload }) => String(workload)))];
  return [
    `Between arms, ${whole(different.length)} of ${total} differ, all of ${
      listed(workloads)
    }, and they do so ` +
    "from the load on, before anything was merged: that content holds addresses, which the guests " +
    "randomise (aslr).",
  ];
}

/**
 * Guests whose content differed between arms before KSM ran. Without randomised addresses there is
 * no reason for that, so then none is excused.
 */
function randomizedBefore(evidence: Evidence, different: readonly Answer[]): Set<string> {
  const early = different.filter((row) => row.phase === "load" && isRandomized(evidence, row));
  return new Set(early.map(guestOf));
}

/** A run that varies `aslr` has it in the condition; otherwise the workload's trials all have the same. */
function isRandomized({ run }: Evidence, { workload, condition }: Answer): boolean {
  const varied = /\baslr=(on|off)\b/.exec(String(condition ?? ""));
  if (varied !== null) return varied[1] === "on";
  return run.trials.every(({ settings }) =>
    settings.workload !== workload || settings.aslr === "on"
  );
}

function guestOf({ workload, condition, seed, guest }: Answer): string {
  const place = condition ? `${workload} (${condition})` : String(workload);
  return `${place} seed ${seed} guest ${guest}`;
}

function examples(places: readonly string[]): string {
  return listed(places.slice(0, 5)) + (places.length > 5 ? ", \u2026" : "");
}
