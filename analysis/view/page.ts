// SPDX-License-Identifier: Apache-2.0
import { figureCss } from "../figures/figure_css.ts";
import { scriptHash } from "../report/assets.ts";
import { editorLibraries } from "./libraries.ts";

/** Where the page's modules find libraries. Workers know no such map, but DuckDB's needs none. */
const IMPORTS = JSON.stringify({
  imports: {
    "@duckdb/duckdb-wasm": "./lib/duckdb.js",
    "apache-arrow": "./lib/apache-arrow.js",
    ...Object.fromEntries(editorLibraries.map((name) => [name, `./lib/${name}.js`])),
    "hyparquet": "./lib/hyparquet/index.js",
    "hyparquet/src/": "./lib/hyparquet/",
    "hyparquet-writer": "./lib/hyparquet-writer/index.js",
  },
});

/**
 * Scripts come from the server that the page is from, and it may fetch from nowhere else. WebAssembly
 * needs a permission of its own; style attributes are Vega's way to size things.
 */
export const policy = [
  "default-src 'none'",
  `script-src 'self' 'wasm-unsafe-eval' ${scriptHash(IMPORTS)}`,
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page as it is before its script fills it. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Samepage Lab: view</title>
<link rel="stylesheet" href="style.css">
<script type="importmap">${IMPORTS}</script>
<script defer src="lib/vega.js"></script>
<script defer src="lib/vega-lite.js"></script>
<script defer src="lib/vega-embed.js"></script>
<script type="module" src="analysis/view/client/main.ts"></script>
</head>
<body>
<div id="toolbar" role="region" aria-label="Appearance"></div>
<header>
<h1>Ask the runs</h1>
<ul id="runs"></ul>
</header>
<div id="columns">
<main>
<section aria-labelledby="query-heading">
<h2 id="query-heading">Query</h2>
<p id="question" class="question" hidden></p>
<div id="sql"></div>
<p id="sql-help" class="quiet">DuckDB's SQL over the tables listed below under Tables.
<kbd>Ctrl</kbd>+<kbd>Enter</kbd> runs it, <kbd>Ctrl</kbd>+<kbd>Space</kbd> proposes tables and columns.</p>
<div class="tools" id="query-tools">
<label>Ask <select id="ask">
<option value="each">each run by itself</option>
<option value="together">all runs together, with a column run</option>
</select></label>
<button type="button" id="run-query" class="main" disabled>Run</button>
<button type="button" id="stop" disabled>Stop</button>
<button type="button" id="copy-link">Copy link</button>
</div>
<p id="status" role="status"></p>
<pre id="error" role="alert" tabindex="0" hidden></pre>
</section>
<section id="chart-section" aria-labelledby="chart-heading" hidden>
<h2 id="chart-heading">Chart</h2>
<div class="tools" id="chart-tools"></div>
<figure><div id="chart" class="drawing" tabindex="0"></div>
<figcaption id="chart-note"></figcaption></figure>
<details id="spec-details"><summary>Vega-Lite specification</summary>
<label for="spec">The one that is drawn; change it, or paste another. Its data are named
<code>answer</code>.</label>
<textarea id="spec" rows="12" spellcheck="false"></textarea>
<div class="tools"><button type="button" id="draw-spec">Draw it</button>
<button type="button" id="automatic">Back to the automatic one</button></div>
</details>
</section>
<section id="answer-section" aria-labelledby="answer-heading" hidden>
<h2 id="answer-heading">Answer</h2>
<div id="answer"></div>
</section>
</main>
<aside aria-label="What can be asked">
<h2>Questions</h2>
<input type="search" id="search" placeholder="Search" aria-label="Search the questions">
<p id="no-question" class="quiet" hidden>No question has that in it.</p>
<ul id="questions" class="plain"></ul>
<h2>Tables</h2>
<p class="quiet" id="tables-help">A name that is pressed goes into the query. With all runs together
each table has a column <code>run</code>, so join with <code>USING (run, trial)</code>; KSM's own
<code>run</code> is <code>ksm_run</code>.</p>
<div id="schema"></div>
</aside>
</div>
</body>
</html>
`;

/** The style of the lab's pages, and what this one has beside it. */
export async function pageStyle(): Promise<string> {
  const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
  return [await read("../report/style.css"), await read("style.css"), figureCss()].join("\n");
}
