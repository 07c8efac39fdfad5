// SPDX-License-Identifier: Apache-2.0
import { counted } from "../findings/numbers.ts";
import { figureCss } from "../figures/figure_css.ts";
import { failedTrials, method, provenance, tables, trialTable, waitingTrials } from "./appendix.ts";
import { type Assets, inlineScript, scriptHash } from "./assets.ts";
import { packData, packText } from "./data.ts";
import { glossaryList } from "./glossary.ts";
import { Markup, markup } from "./markup.ts";
import type { Material } from "./material.ts";
import { findingSections, glance, notes, sharedCaveats } from "./sections.ts";

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
  const { libraries } = assets;
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
<body class="report">
<div id="toolbar" role="region" aria-label="What is shown" hidden></div>
<div id="columns">
${contents(material)}
<main>
<header>
<h1 class="kicker">${title}</h1>
</header>
<section id="glance">
<h2 class="unseen">The finding</h2>
${glance(material)}
<p class="quiet">${question !== undefined && `${question} `}Run ${run.run}: ${
    counted(done, "finished trial")
  } of ${trials.length}, host ${run.host}, ${run.mode} mode.</p>
</section>
${waitingTrials(material)}
${failedTrials(material)}
<section id="findings">
<h2>Findings</h2>
${findingSections(material)}
</section>
${notes(material)}
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
<section id="glossary">
<h2>Glossary</h2>
${glossaryList(material.glossary)}
</section>
</main>
</div>
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

/** A library, gzipped: the page's script unpacks and runs it when it needs it. */
function libraryScript(source: string): Markup {
  const packed = packText(source);
  return new Markup(
    `<script type="application/octet-stream" class="library">${packed}</script>\n`,
  );
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

function contents(material: Material): Markup {
  const links = [
    ["glance", "The finding"] as const,
    ...material.findings.map(({ id, heading }) => [id, heading] as const),
    ...(sharedCaveats(material).length > 0 ? [["notes", "Notes"] as const] : []),
    ...[["method", "Method"], ["tables", "Questions and answers"], ["trials", "Trials"]] as const,
    ...[["provenance", "Machine and provenance"], ["glossary", "Glossary"]] as const,
  ];
  return markup`<nav id="contents" aria-label="Contents"><details open><summary>Contents</summary><ul>${
    links.map(([id, heading]) => markup`<li><a href="#${id}">${heading}</a></li>\n`)
  }</ul></details></nav>`;
}
