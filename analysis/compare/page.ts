// SPDX-License-Identifier: Apache-2.0
import { figureCss } from "../figures/figure_css.ts";
import { whole } from "../findings/numbers.ts";
import { type Markup, Markup as Raw, markup } from "../report/markup.ts";
import { table } from "../report/table.ts";
import type { Comparison, Side } from "./comparison.ts";
import { dumbbells, letterOf } from "./dumbbells.ts";
import { remarksOf, verdictOf } from "./text.ts";

const EFFECTS =
  " B \u2212 A: the mean difference of the pairs with its 95 % BCa bootstrap interval (three pairs or more), " +
  "the effect size d_z, and p of the permutation test of the differences' signs.";

/**
 * A run against others as one page that needs nothing else, in the look of the report.
 *
 * @param comparisons of the same first run with each of the others; there is at least one
 */
export async function comparisonPage(comparisons: readonly Comparison[]): Promise<string> {
  const runs = [comparisons[0]!.a, ...comparisons.map(({ b }) => b)];
  const title = runs.map(({ called }) => called).join(" against ");
  const exact = comparisons.every((comparison) => comparison.exact);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Samepage Lab">
<title>${title}</title>
<style>
${new Raw(await pageCss())}
</style>
</head>
<body class="comparison">
<header>
<p class="kicker">Comparison</p>
<h1>${title}</h1>
</header>
<main>
${comparisons.map((comparison, at) => verdict(comparison, at, comparisons.length > 1))}
<section id="effects">
<h2>Effects, the largest first</h2>
<p class="quiet">Means over the pairs of a workload and an arm: the ring is A, the point the other run.
${!exact && EFFECTS}</p>
${dumbbells(comparisons)}
</section>
${comparisons.map((comparison, at) => details(comparison, at, comparisons.length > 1))}
</main>
</body>
</html>
`.source;
}

async function pageCss(): Promise<string> {
  const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
  return [await read("../report/style.css"), await read("compare.css"), figureCss()].join("\n");
}

function verdict(comparison: Comparison, at: number, several: boolean): Markup {
  const [first, ...remarks] = remarksOf(comparison);
  return markup`<section>
${several && markup`<h2>${comparison.b.called} <span class="quiet">${letterOf(at + 1)}</span></h2>`}
<p class="lead verdict">${verdictOf(comparison)}</p>
<p>${first}</p>
${remarks.map((remark) => markup`<p>${remark}</p>\n`)}
</section>
`;
}

function details(comparison: Comparison, at: number, several: boolean): Markup {
  const letter = letterOf(at + 1);
  const of = several ? ` in ${letter}` : "";
  return markup`<section>
<h2>What differs${of}</h2>
${inputs(comparison, letter)}
</section>
<section>
<h2>All numbers${of}</h2>
${measures(comparison)}
</section>
<section>
<h2>Pairs of trials${of}</h2>
${pairTable(comparison, letter)}
</section>
`;
}

function inputs({ a, b, inputs }: Comparison, letter: string): Markup {
  const columns = [{ heading: "" }, { heading: "A" }, { heading: letter }];
  const describe = ({ run, called, title, mode, host, digest }: Side) => [
    ...(a.called === a.run && b.called === b.run ? [] : [["named", called]]),
    ["run", run],
    ["experiment", title],
    ["host, mode", `${host}, ${mode}`],
    ["digest of the results", digest?.slice(0, 12) ?? "\u2013"],
  ];
  const [left, right] = [describe(a), describe(b)];
  const about = left.map(([what, value], at) => [what!, value!, right[at]![1]!]);
  const rows = inputs.map(({ what, a, b }) => [what, a, b]);
  return markup`${table(columns, about)}
${
    rows.length === 0
      ? markup`<p>Nothing that results depend on: kernels, emulator, firmware, images, settings and phases
are the same.</p>`
      : table(columns, rows)
  }`;
}

function measures({ measures }: Comparison): Markup {
  const columns = [
    { heading: "measure" },
    { heading: "phase" },
    { heading: "numbers", number: true },
    { heading: "different", number: true },
    { heading: "where it differs most" },
  ];
  const questions = Map.groupBy(measures, ({ question }) => question);
  return markup`${
    [...questions].map(([question, rows]) => {
      const compared = rows.reduce((sum, row) => sum + row.compared, 0);
      const different = rows.reduce((sum, row) => sum + row.different, 0);
      return markup`<details><summary>${question} <span class="quiet">(${whole(compared)} numbers,
${different === 0 ? "all equal" : `${whole(different)} different`})</span></summary>
${
        table(
          columns,
          rows.map((row) => [
            ...[row.measure, row.phase ?? "", whole(row.compared), whole(row.different)],
            row.largest ?? "",
          ]),
        )
      }</details>\n`;
    })
  }`;
}

function pairTable({ pairs }: Comparison, letter: string): Markup {
  const columns = ["", "A", letter, "records"].map((heading) => ({ heading }));
  return table(
    columns,
    pairs.map(({ label, a, b, sameRecords }) => [
      ...[label, markup`<span class="mono digest">${a}</span>`],
      markup`<span class="mono digest">${b}</span>`,
      sameRecords ? "the same" : "different",
    ]),
  );
}
