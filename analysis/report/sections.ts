// SPDX-License-Identifier: Apache-2.0
import { isOutside } from "../../contract/exact.ts";
import { decidingLevels } from "../findings/conditions.ts";
import { type Finding, placeOf } from "../findings/finding.ts";
import { counted, signedPercent, significant } from "../findings/numbers.ts";
import type { FindingTable } from "../findings/tables.ts";
import { compareTreatment, type Comparison } from "../statistics/paired.ts";
import type { Answer } from "../engine/result.ts";
import { explainer } from "./glossary.ts";
import { armLabel } from "./labels.ts";
import { Markup, markup } from "./markup.ts";
import type { Material } from "./material.ts";
import { answerTable, table } from "./table.ts";

/**
 * The first screen: the finding as a sentence with its range, one chart as wide as the page, and a card
 * for each workload or, with several factors, for each level of the one that decides.
 */
export function glance(material: Material): Markup {
  const { answers, findings, drawings } = material;
  if (isOutside(material.run.mode)) {
    return markup`<p class="finding">${findings[0]?.sentences[0]}</p>`;
  }
  const rows = answers.refaults_per_merged_page?.rows ?? [];
  const comparisons = compareTreatment(rows, "refaults_per_merged_page");
  const refaults = findings.find(({ id }) => id === "refaults");
  const shown = heroOf(material);
  const drawing = shown === undefined ? undefined : drawings[shown.chart ?? ""];
  return markup`<p class="finding">${refaults?.sentences[0]}</p>
${shown !== undefined && drawing !== undefined && figureOf(shown, drawing, 1)}
${comparisons.length > 0 && cards(levelCards(rows) ?? comparisons.map(cardOf))}`;
}

/** The finding whose chart stands on the first screen. */
export function heroOf({ findings, drawings }: Material): Finding | undefined {
  return ["conditions", "refaults"].map((id) => findings.find((finding) => finding.id === id))
    .find((finding) => finding?.chart !== undefined && drawings[finding.chart] !== undefined);
}

/** A large number: a change, and what it is of. */
interface Card {
  workload: string;
  heading: string;
  /** As a share; null where there was nothing to change. */
  change: number | null;
  detail: Markup;
}

/** More conditions than these are no cards: the first screen would be full of them. */
const MOST_CARDS = 6;

function cardOf(one: Comparison): Card {
  const { reduction, baselineMean, treatmentMean, baseline, treatment } = one;
  return {
    ...{ workload: one.workload, heading: placeOf(one) },
    change: reduction === null ? null : -reduction || 0,
    detail: markup`${significant(100 * baselineMean)} ${armLabel(baseline)}<br>${
      significant(100 * treatmentMean)
    } ${armLabel(treatment)}`,
  };
}

/** A card for each level of the factor that decides; null unless the run has several factors. */
function levelCards(rows: readonly Answer[]): Card[] | null {
  return decidingLevels(rows)?.map(({ name, mean, least, most, conditions }) => ({
    ...{ workload: "", heading: name, change: -mean || 0 },
    detail: markup`mean of ${counted(conditions, "condition")}: ${signedPercent(-most || 0)} to ${
      signedPercent(-least || 0)
    }`,
  })) ?? null;
}

/** Signs, colours, arrows and words that agree. */
function cards(all: readonly Card[]): Markup | false {
  if (all.length > MOST_CARDS) return false;
  const items = all.map(({ workload, heading, change, detail }) => {
    const way = change === null || change === 0 ? "level" : change < 0 ? "down" : "up";
    const words = { level: "no difference", down: "fewer", up: "more" }[way];
    const arrow = { level: "", down: "\u25bc\u00a0", up: "\u25b2\u00a0" }[way];
    const number = change === null ? "\u2013" : signedPercent(change);
    return markup`<li class="${way}"${workload !== "" && markup` data-workload="${workload}"`}>
<span class="heading">${heading}</span>
<strong><span aria-hidden="true">${arrow}</span>${number}</strong>
<span>refaults per 100 merged pages: ${words}</span>
<span class="detail">${detail}</span></li>
`;
  });
  return markup`<ul class="cards">
${items}</ul>`;
}

/** Each finding: its sentences or tables, its figure, and its caveats, which are said once on the page. */
export function findingSections(material: Material): Markup {
  const hero = heroOf(material);
  const notes = sharedCaveats(material);
  let figure = hero === undefined ? 0 : 1;
  return markup`${
    material.findings.map((finding) => {
      const drawing = finding === hero || finding.chart === undefined
        ? undefined
        : material.drawings[finding.chart];
      if (drawing !== undefined) figure++;
      const explain = explainer(material.glossary);
      return markup`<section id="${finding.id}">
<h3>${finding.heading}</h3>
${sentencesOf(finding, explain)}
${drawing !== undefined && figureOf(finding, drawing, figure)}
${(finding.tables ?? []).map((one) => tableOf(one))}
${finding.table !== undefined && foldedTable(material, finding.table)}
${caveatsOf(finding, notes, explain)}
</section>
`;
    })
  }`;
}

/** Caveats that hold for several findings: the page says them once. */
export function sharedCaveats({ findings }: Material): string[] {
  const all = findings.flatMap(({ caveats }) => [...new Set(caveats)]);
  return [...new Set(all.filter((text, at) => all.indexOf(text) !== at))];
}

/** The notes that several findings point to. */
export function notes(material: Material): Markup | false {
  const shared = sharedCaveats(material);
  const explain = explainer(material.glossary);
  return shared.length > 0 && markup`<section id="notes">
<h2>What holds for several findings</h2>
<ol class="notes">
${shared.map((text, at) => markup`<li id="note-${at + 1}">${explain(text)}</li>\n`)}</ol>
</section>`;
}

function caveatsOf(
  { caveats }: Finding,
  shared: readonly string[],
  explain: (text: string) => Markup,
): Markup {
  const own = caveats.filter((text) => !shared.includes(text));
  const numbers = [...new Set(caveats)].map((text) => shared.indexOf(text) + 1)
    .filter((number) => number > 0);
  const links = numbers.map((number, at) =>
    markup`${at > 0 && ", "}<a href="#note-${number}">${number}</a>`
  );
  return markup`${
    own.length > 0 &&
    markup`<ul class="caveats">${own.map((text) => markup`<li>${explain(text)}</li>\n`)}</ul>`
  }${
    numbers.length > 0 &&
    markup`<p class="caveats">${numbers.length === 1 ? "Note" : "Notes"} ${links} ${
      numbers.length === 1 ? "holds" : "hold"
    } here too.</p>`
  }`;
}

/** What its tables do not say; several sentences are easier to compare as a list. */
function sentencesOf(finding: Finding, explain: (text: string) => Markup): Markup | false {
  const said = finding.tables === undefined || finding.tables.length === 0
    ? finding.sentences
    : finding.summary ?? [];
  if (said.length === 0) return false;
  if (said.length === 1) return markup`<p>${explain(said[0]!)}</p>`;
  return markup`<ul class="sentences">${
    said.map((text) => markup`<li>${explain(text)}</li>\n`)
  }</ul>`;
}

/** A finding's table under its title. */
function tableOf({ title, columns, rows }: FindingTable): Markup {
  const shown = columns.map(({ heading, arm, number = false }) => ({
    heading: arm === undefined ? heading : armLabel(arm),
    number,
  }));
  const workloads = rows.map(({ workload }) => workload);
  return markup`<p class="table-title">${title}</p>
${table(shown, rows.map(({ cells }) => cells), workloads)}`;
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
