import { counted } from "../numbers.ts";
import { darkFigureCss } from "../palette.ts";
import { failedTrials, method, provenance, trialTable, waitingTrials } from "./appendix.ts";
import { Markup, markup } from "./markup.ts";
import type { Material } from "./material.ts";
import { findingSections, glance } from "./sections.ts";

/**
 * The report as one page that needs nothing else: no script, no font, no network.
 *
 * It holds nothing but what the run folder says, so the same run gives the same bytes.
 *
 * @param css content of style.css
 */
export function reportPage(material: Material, css: string): string {
  const { run, trials } = material;
  const title = run.experiment.title ?? run.experiment.name;
  const done = trials.filter(({ status }) => status === "done").length;
  const style = `${css}\n@media screen and (prefers-color-scheme: dark) {\n${darkFigureCss()}\n}`;
  const { question } = run.experiment;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Samepage Lab">
<title>${title} (${run.run})</title>
<style>
${new Markup(style)}
</style>
</head>
<body>
<header>
<h1>${title}</h1>
${question !== undefined && markup`<p class="question">${question}</p>`}
<p class="quiet">Run ${run.run}: ${counted(done, "finished trial")} of ${trials.length}, host
${run.host}, ${run.mode} mode.</p>
</header>
<main>
<section id="glance">
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
<section id="trials">
<h2>Trials</h2>
${trialTable(material)}
</section>
<section id="provenance">
${provenance(material)}
</section>
</main>
</body>
</html>
`;
  return page.source;
}
