// SPDX-License-Identifier: Apache-2.0
import { counted } from "../findings/numbers.ts";
import { figureCss } from "../figures/figure_css.ts";
import { failedTrials, method, provenance, tables, trialTable, waitingTrials } from "./appendix.ts";
import { type Assets, inlineScript, scriptHash } from "./assets.ts";
import { packData } from "./data.ts";
import { Markup, markup } from "./markup.ts";
import type { Material } from "./material.ts";
import { findingSections, glance } from "./sections.ts";

/**
 * The report as one page that needs nothing else: its script, its data and its figures are inside,
 * and its Content-Security-Policy lets it fetch nothing. Without the script the same content is there,
 * only still.
 *
 * It holds nothing but what the run folder says, so the same run gives the same bytes.
 */
export function reportPage(material: Material, assets: Assets): string {
  const { run, trials } = material;
  const title = run.experiment.title ?? run.experiment.name;
  const done = trials.filter(({ status }) => status === "done").length;
  const { question } = run.experiment;
  const libraries = assets.libraries.map(inlineScript);
  const script = inlineScript(assets.script);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf([...libraries, script])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Samepage Lab">
<title>${title} (${run.run})</title>
<style>
${new Markup(`${assets.css}\n${figureCss()}`)}
</style>
</head>
<body>
<div id="toolbar" role="region" aria-label="What is shown" hidden></div>
<header>
<h1>${title}</h1>
${question !== undefined && markup`<p class="question">${question}</p>`}
<p class="quiet">Run ${run.run}: ${counted(done, "finished trial")} of ${trials.length}, host
${run.host}, ${run.mode} mode.</p>
</header>
${contents(material)}
<main>
<section id="glance">
<h2 class="unseen">Headline numbers</h2>
${glance(material)}
</section>
${waitingTrials(material)}
${failedTrials(material)}
<section id="findings">
<h2>Findings</h2>
${findingSections(material)}
</section>
<section id="method">
<h2>Method</h2>
${method(material)}
</section>
<section id="tables">
<h2>Questions and answers</h2>
${tables(material)}
</section>
<section id="trials">
<h2>Trials</h2>
${trialTable(material)}
</section>
<section id="provenance">
${provenance(material)}
</section>
</main>
<footer class="quiet">
<details><summary>Libraries inside this page</summary>
<pre tabindex="0">${assets.notices}</pre></details>
</footer>
<script type="application/octet-stream" id="data">${packData(material)}</script>
${libraries.map(libraryScript)}<script>${new Markup(script)}</script>
</body>
</html>
`;
  return page.source;
}

/** A library as text that the page's script runs when it needs it. */
function libraryScript(source: string): Markup {
  return new Markup(`<script type="text/plain" class="library">${source}</script>\n`);
}

/** Scripts are allowed by their digests; style attributes are Vega's way to size things. */
function policyOf(scripts: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(scriptHash).join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function contents({ findings }: Material): Markup {
  const links = [
    ...findings.map(({ id, heading }) => [id, heading] as const),
    ...[["method", "Method"], ["tables", "Questions and answers"], ["trials", "Trials"]] as const,
    ["provenance", "Machine and provenance"] as const,
  ];
  return markup`<nav aria-label="Contents"><ul>${
    links.map(([id, heading]) => markup`<li><a href="#${id}">${heading}</a></li>\n`)
  }</ul></nav>`;
}
