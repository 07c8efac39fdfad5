// SPDX-License-Identifier: Apache-2.0
import { counted, listed, percent, significant } from "../findings/numbers.ts";
import { costUnit } from "../findings/clock.ts";
import { placeOf } from "../findings/finding.ts";
import { CLAIM } from "../findings/refaults.ts";
import type { Finding } from "../findings/finding.ts";
import { compareTreatment, type Comparison } from "../statistics/paired.ts";
import type { Answer } from "../engine/result.ts";
import { Markup, markup, type Part } from "./markup.ts";
import type { Material } from "./material.ts";
import { answerTable, table } from "./table.ts";

/** The headline numbers: a row for each workload. */
export function glance({ run, answers, findings }: Material): Markup {
  const rowsOf = (question: string) => answers[question]?.rows ?? [];
  const refaults = compareTreatment(rowsOf("refaults_per_merged_page"), "refaults_per_merged_page");
  const saved = compareTreatment(
    rowsOf("memory_over_phases").filter(({ phase }) => phase === "merge"),
    "saved_mib",
  );
  const firstRound = rowsOf("touch_cost").filter(({ phase, round }) =>
    phase === "touch" && round === 1
  );
  const cost = compareTreatment(firstRound, "ticks_per_touch");
  const { unit, scale } = costUnit({ run, answers: { hosts: rowsOf("hosts") } });
  const first = findings.find(({ id }) => id === "refaults")?.sentences[0];
  const lead = markup`<p class="lead verdict">${first}</p>`;
  if (refaults.length === 0) return lead;
  const same = (list: Comparison[], one: Comparison) =>
    list.find((other) => placeOf(other) === placeOf(one));
  const both = (found: Comparison | undefined, scale = 1): Part[] =>
    found === undefined
      ? ["\u2013", "\u2013"]
      : [significant(found.baselineMean * scale), significant(found.treatmentMean * scale)];
  const { baseline, treatment } = refaults[0] as Comparison;
  const headings = [baseline, treatment, "fewer", baseline, treatment, baseline, treatment];
  const rows = refaults.map((one): Part[] => [
    placeOf(one),
    ...both(one, 100),
    one.reduction === null ? "\u2013" : percent(one.reduction),
    ...both(same(cost, one), scale),
    ...both(same(saved, one)),
  ]);
  return markup`${lead}
${cards(refaults)}
${
    table([
      { heading: "workload" },
      ...["refaults per 100 merged pages", "", "", `${unit} per touch`, "", "MiB saved", ""].map(
        (group, index) => ({ group, heading: headings[index], number: true }),
      ),
    ], rows)
  }
<p class="quiet">Means over seeds (${
    listed([...new Set(refaults.map(spreadOf))])
  }). Refaults are read and
fetch faults of the second level in the phase after merging; ${unit} are those of the first round of reading
after merging. ${
    touchesInWords(firstRound)
  } What was set out to be shown is a reduction of at least ${CLAIM} in
each workload.</p>`;
}

/** The share of refaults that was spared, large, a card for each workload. */
function cards(comparisons: readonly Comparison[]): Markup {
  const items = comparisons.map((one) => {
    const { reduction, baselineMean, treatmentMean } = one;
    const share = reduction === null ? "\u2013" : percent(Math.abs(reduction));
    const direction = (reduction ?? 0) < 0 ? "more refaults" : "fewer refaults";
    return markup`<li><span>${placeOf(one)}</span>
<strong>${share}</strong>
<span>${direction}: ${significant(100 * baselineMean)} in ${one.baseline}, ${
      significant(100 * treatmentMean)
    } in ${one.treatment} per 100 merged pages</span></li>
`;
  });
  return markup`<ul class="cards">
${items}</ul>`;
}

/** "A touch is one operation in kernels and one page in libraries and pagecache." */
function touchesInWords(rows: readonly Answer[]): string {
  const units = new Map(rows.map(({ workload, unit }) => [String(workload), String(unit)]));
  const kinds = [...new Set(units.values())];
  if (kinds.length === 1) return `A touch is one ${kinds[0]}.`;
  const workloadsOf = (kind: string) =>
    [...units.keys()].filter((name) => units.get(name) === kind);
  const parts = kinds.map((kind) => `one ${kind} in ${listed(workloadsOf(kind))}`);
  return `A touch is ${listed(parts)}.`;
}

function spreadOf(comparison: Comparison): string {
  return counted(comparison.seeds.length, "seed");
}

/** Each finding as sentences, then its figure or table, then its caveats. */
export function findingSections(material: Material): Markup {
  let figure = 0;
  return markup`${
    material.findings.map((finding) => {
      const drawing = finding.chart === undefined ? undefined : material.drawings[finding.chart];
      if (drawing !== undefined) figure++;
      return markup`<section id="${finding.id}">
<h3>${finding.heading}</h3>
${sentencesOf(finding)}
${drawing !== undefined && figureOf(finding, drawing, figure)}
${finding.table !== undefined && foldedTable(material, finding.table)}
${finding.caveats.length > 0 && caveatsOf(finding)}
</section>
`;
    })
  }`;
}

function caveatsOf({ caveats }: Finding): Markup {
  return markup`<ul class="caveats">${caveats.map((text) => markup`<li>${text}</li>\n`)}</ul>`;
}

/** One sentence is a paragraph; several, mostly one a workload, are easier to compare as a list. */
function sentencesOf({ sentences }: Finding): Markup {
  if (sentences.length === 1) return markup`<p>${sentences[0]}</p>`;
  return markup`<ul class="sentences">${sentences.map((text) => markup`<li>${text}</li>\n`)}</ul>`;
}

function figureOf(
  finding: Finding,
  drawing: { svg: string; spec: Record<string, unknown> },
  number: number,
): Markup {
  const name = finding.chart ?? "";
  const description = String(drawing.spec.description ?? "");
  const questions = Object.keys(drawing.spec.datasets ?? {});
  const tables = questions.map((question) =>
    markup` <span class="mono">tables/${question}.csv</span>`
  );
  return markup`<figure data-chart="${name}"><div class="drawing" tabindex="0">${
    inlineSvg(drawing.svg, name, description, finding.sentences)
  }</div>
<figcaption>Figure ${number}. ${description} <span class="quiet">Its numbers:${tables}; the figure:
<span class="mono">figures/${name}.svg</span> and <span class="mono">.pdf</span>.</span></figcaption></figure>`;
}

/**
 * A figure for use inside the page: its ids are made unique among figures, and it says in words what
 * it shows. Its own parts are hidden from screen readers, which would read thousands of marks.
 */
function inlineSvg(
  svg: string,
  name: string,
  description: string,
  sentences: readonly string[],
): Markup {
  const body = svg
    .replace(/^[\s\S]*?(?=<svg)/, "")
    .replaceAll(/\bid="/g, `id="${name}-`)
    .replaceAll("url(#", `url(#${name}-`)
    .replaceAll(/ (aria-[a-z]+|role)="[^"]*"/g, "");
  const label = markup`<svg role="img" aria-label="${`${description} ${sentences.join(" ")}`}"`;
  return new Markup(body.replace("<svg", () => label.source));
}

function foldedTable({ answers, questions }: Material, name: string): Markup | false {
  const answer = answers[name];
  const question = questions.find((one) => one.name === name);
  if (answer === undefined || question === undefined) return false;
  return answerTable(name, answer, { question: question.question });
}
