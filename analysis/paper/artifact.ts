// SPDX-License-Identifier: Apache-2.0
/** What evaluators of an artifact ask for: claims, and for each how to check it and what to expect. */
import { compareTreatment, type Comparison } from "../statistics/paired.ts";
import { placeOf } from "../findings/finding.ts";
import { counted, significant, withUnit } from "../findings/numbers.ts";
import { changeOf } from "../findings/tables.ts";
import type { Answer } from "../engine/result.ts";
import type { RunFile } from "../../contract/run_file.ts";

/** Something that the run shows and an evaluator can check. */
export interface Claim {
  claim: string;
  /** Typed in a checkout of the lab, after the run was measured again. */
  command: string;
  /** Digits that it prints. */
  expected: string[];
}

/** An artifact appendix as data; LaTeX and Markdown are made of it. */
export interface ArtifactAppendix {
  run: string;
  /** Measures all of it again. */
  command: string;
  /** Of the whole run on the machine that measured it, in words. */
  time: string;
  disk: string;
  hardware: string;
  software: string;
  /** Digest of all records, or why there is none to be expected. */
  digest: string;
  claims: Claim[];
}

/** Rows by name of question. */
type Rows = Readonly<Record<string, readonly Answer[]>>;

/** Room for what is built and downloaded: README.md. */
const BUILD_DISK = "6 GiB for the builds, as much as the records are for the run";

/** The measures that claims are about, each with the question that prints its digits. */
const MEASURES = [
  {
    claim:
      "Refaults per 100 merged pages, with mappings dropped and with mappings updated in place.",
    ...{ question: "refaults_per_merged_page", column: "refaults_per_merged_page", scale: 100 },
    holds: (_: Answer) => true,
  },
  {
    claim:
      "What the first touch after merging costs the guest, in ticks of its clock, in both arms.",
    ...{ question: "touch_cost", column: "ticks_per_touch", scale: 1 },
    holds: ({ phase, round }: Answer) => phase === "touch" && round === 1,
  },
  {
    claim: "Memory that merging frees, in MiB, in both arms.",
    ...{ question: "memory_over_phases", column: "saved_mib", scale: 1 },
    holds: ({ phase }: Answer) => phase === "merge",
  },
] as const;

/** The appendix of a run, from what it recorded of itself and from its answers. */
export function artifactOf(run: RunFile, rows: Rows): ArtifactAppendix {
  const { machine, timings_s = {}, trials, mode } = run;
  const wall = trials.reduce((sum, { wall_s }) => sum + (wall_s ?? 0), 0);
  const total = timings_s.total;
  return {
    run: run.run,
    command: `./lab --install ${(run.command ?? ["run", run.experiment.name]).join(" ")}`,
    time: `${typeof total === "number" ? `${withUnit(total, "s")} in all there, and ` : ""}${
      withUnit(wall, "s")
    } of ${counted(trials.length, "trial")} one after the other; builds take some minutes once`,
    disk: BUILD_DISK,
    hardware: `x86-64, two cores, 4 GiB of memory, no hardware virtualization${
      measuredOn([
        machine?.cpu,
        machine?.cores === undefined ? undefined : `${machine.cores} cores`,
      ])
    }`,
    software: `Debian 12 or a system like it${measuredOn([machine?.os])}`,
    digest: mode === "exact" && typeof run.digest === "string"
      ? run.digest
      : "none: counts of a run on hardware differ within the range of its seeds",
    claims: MEASURES.flatMap(({ claim, question, column, scale, holds }) => {
      const comparisons = compareTreatment((rows[question] ?? []).filter(holds), column);
      if (comparisons.length === 0) return [];
      return [{
        claim,
        command: `./lab query RUN ${question}`,
        expected: expectedOf(comparisons, scale),
      }];
    }),
  };
}

/** An appendix has two pages: with more places than these the claim is their range. */
const MOST_EXPECTED = 12;

function expectedOf(comparisons: readonly Comparison[], scale: number): string[] {
  const shown = comparisons.slice(0, MOST_EXPECTED).map((one) =>
    `${placeOf(one)}: ${significant(one.baselineMean * scale)} in ${one.baseline}, ${
      significant(one.treatmentMean * scale)
    } in ${one.treatment} (${changeOf(one)})`
  );
  const more = comparisons.length - shown.length;
  return more === 0 ? shown : [...shown, `${more} more: effects.csv among the run's tables`];
}

function measuredOn(facts: readonly unknown[]): string {
  const known = facts.filter((fact) => fact !== undefined && fact !== null && fact !== "");
  return known.length === 0 ? "" : `; measured on ${known.join(", ")}`;
}

/** The appendix as Markdown, for packs. */
export function artifactMarkdown(artifact: ArtifactAppendix): string {
  const { claims } = artifact;
  return `# Artifact appendix

${factsOf(artifact).map(([name, said]) => `- **${name}**: ${said}`).join("\n")}

## Without building anything

In the unpacked archive \`./reproduce --sample 1\` carries out one trial again and \`./reproduce\` all of
them, and compares the records byte by byte.

## Claims

All are checked by one measurement, \`${artifact.command}\`, which ends with the name of a RUN.
The commands print a row for each trial; expected are the means over seeds.

${
    claims.map(({ claim, command, expected }, at) =>
      `### C${at + 1}\n\n${claim}\n\n- Command: \`${command}\` (seconds, no further disk)\n` +
      expected.map((text) => `- Expected: ${text}\n`).join("")
    ).join("\n")
  }`;
}

/** What stands before the claims, by the names that evaluators' forms have. */
export function factsOf(artifact: ArtifactAppendix): [name: string, said: string][] {
  const { run, time, disk, hardware, software, digest } = artifact;
  return [
    ["Run", run],
    ["Hardware", hardware],
    ["Software", software],
    ["Time", time],
    ["Disk", disk],
    ["Expected digest of all records", digest],
    ["Exit status", "0 all the same, 1 something differs, 2 the machine cannot do it"],
  ];
}
