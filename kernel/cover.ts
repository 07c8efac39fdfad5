// SPDX-License-Identifier: Apache-2.0
/** The letter that goes before a line's series when it is posted, with what a run measured. */
import { LabError } from "../base/errors.ts";
import { seriesOf } from "./variants.ts";
import type { KernelLine } from "./lines.ts";

/** One trial of a run, as the question flushes_per_merged_page answers. */
export interface CoveredTrial {
  workload: string;
  condition: string;
  arm: string;
  flush_requests_per_merged_page: number | null;
  refaults_per_merged_page: number | null;
}

/** What the letter says of the run. */
export interface CoveredRun {
  run: string;
  /** Over the trials' identities and digests. */
  digest: string | null;
  /** As it was called: `run default`. */
  command: readonly string[];
  /** Commit of the lab that made it. */
  revision: string | undefined;
  /** Versions of what it was built from, by name. */
  inputs: Readonly<Record<string, { version: string }>>;
}

/** Inputs that take more words than a letter has room for; the run names them. */
const tooLong = ["machine", "libraries"];

/** Whoever posts the series signs it; it is not for the lab to say so. */
const signature = "Signed-off-by: [whoever posts this]";

const about = [
  "When KSM merges a page, KVM drops the guest's mapping of it, and the guest takes a VM-exit to get",
  "it back, be it only to read. .change_pte() was made to spare that in 2009, and has not worked since",
  "3.7. This series lets it work again, for KSM alone and behind kvm.change_pte:",
  "",
  "  N       the mapping is dropped, as ever (arm off)",
  "  update  it follows the PTE when the page is write-protected and when it is replaced (arm on)",
  "  map     it is dropped at the write protection, and the new page is mapped, read-only, when it is",
  "          put in place: one flush of the guest's TLBs a page, as with N (arm map)",
];

/**
 * The letter as text.
 *
 * @throws {LabError} when the run has no trial of these arms that tells of flushes.
 */
export async function coverLetter(
  line: KernelLine,
  run: CoveredRun,
  trials: readonly CoveredTrial[],
): Promise<string> {
  const rows = trials.filter(({ flush_requests_per_merged_page: asked }) => asked !== null);
  if (rows.length === 0) {
    throw new LabError(
      `Cannot write the letter from ${run.run}: none of its trials counted flushes and refaults`,
      "Choose a run of the experiment default",
    );
  }
  const subjects = await Promise.all((await seriesOf(line)).map(subjectOf));
  const numbered = subjects.map((subject, at) => `  ${String(at + 1).padStart(2)}. ${subject}`);
  const inputs = Object.entries(run.inputs)
    .filter(([name]) => !tooLong.includes(name))
    .map(([name, { version }]) => `  ${name}: ${version}`);
  return [
    `Subject: [PATCH 00/${subjects.length}] KVM: Keep guest mappings of pages that KSM merges`,
    "",
    ...about,
    "",
    "Means over seeds, on an emulated host, after and while guests' memory is merged:",
    "",
    ...tableOf(rows),
    "",
    `Run ${run.run}, digest ${
      run.digest ?? "none: it is not finished"
    }. The same digits come out of`,
    "",
    ...(run.revision === undefined ? [] : [`  git checkout ${run.revision}`]),
    `  ./lab ${run.command.join(" ")}`,
    "",
    "made of",
    "",
    ...inputs,
    "",
    "The patches:",
    "",
    ...numbered,
    "",
    signature,
    "",
  ].join("\n");
}

/** Subject of a patch, which may go on in the next line. */
async function subjectOf(path: string): Promise<string> {
  const text = await Deno.readTextFile(path);
  const found = /^Subject: \[PATCH\] (.*(?:\n .*)*)/m.exec(text);
  if (found === null) throw new LabError(`Cannot read the subject of ${path}: it has none`);
  return found[1]!.replace(/\n /g, " ");
}

function tableOf(rows: readonly CoveredTrial[]): string[] {
  const groups = Map.groupBy(
    rows,
    ({ workload, condition, arm }) => `${workload}${condition && ` (${condition})`}\n${arm}`,
  );
  const cells = [...groups].map(([place, found]) => {
    const [where, arm] = place.split("\n");
    const mean = (of: keyof CoveredTrial, scale: number) =>
      (found.reduce((sum, row) => sum + scale * Number(row[of]), 0) / found.length).toFixed(2);
    return [
      ...[where!, arm!, mean("refaults_per_merged_page", 100)],
      mean("flush_requests_per_merged_page", 1),
    ];
  });
  const all = [["workload", "arm", "refaults/100 pages", "flush requests/page"], ...cells];
  const widths = all[0]!.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  return all.map((row) =>
    `  ${
      row.map((cell, at) => at < 2 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)).join(
        "  ",
      )
    }`
  );
}
