// SPDX-License-Identifier: Apache-2.0
import { counted, significant, whole } from "../findings/numbers.ts";
import { type Markup, Markup as Raw, markup } from "../report/markup.ts";
import { table } from "../report/table.ts";
import type { Comparison, Side } from "./comparison.ts";
import { effectOf, relationOf, remarksOf, verdictOf } from "./text.ts";

const EFFECTS =
  " B \u2212 A: the mean difference of the pairs with its 95 % BCa bootstrap interval (three pairs or more), " +
  "the effect size d_z, and p of the permutation test of the differences' signs.";

/** A comparison as one page that needs nothing else, in the look of the report. */
export async function comparisonPage(comparison: Comparison): Promise<string> {
  const { a, b, pairs, exact } = comparison;
  const css = await Deno.readTextFile(new URL("../report/style.css", import.meta.url));
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Samepage Lab">
<title>${a.run} against ${b.run}</title>
<style>
${new Raw(css)}
</style>
</head>
<body>
<header>
<h1>${a.run} against ${b.run}</h1>
<p class="quiet">${counted(pairs.length, "pair")} of trials with the same settings.</p>
</header>
<main>
<section id="verdict">
<p class="lead verdict">${verdictOf(comparison)}</p>
${remarksOf(comparison).map((remark) => markup`<p>${remark}</p>\n`)}
</section>
<section id="inputs">
<h2>What differs</h2>
${inputs(comparison)}
</section>
<section id="headlines">
<h2>Headlines</h2>
<p class="quiet">Means over the pairs of a workload and an arm.${exact ? "" : EFFECTS}</p>
${headlines(comparison)}
</section>
<section id="numbers">
<h2>All numbers</h2>
${measures(comparison)}
</section>
<section id="pairs">
<h2>Pairs of trials</h2>
${pairTable(comparison)}
</section>
</main>
</body>
</html>
`.source;
}

function inputs({ a, b, inputs }: Comparison): Markup {
  const columns = [{ heading: "" }, { heading: "A" }, { heading: "B" }];
  const describe = ({ run, title, mode, host, digest }: Side) => [
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

function headlines({ headlines, exact }: Comparison): Markup {
  const columns = [
    { heading: "" },
    { heading: "workload" },
    { heading: "arm" },
    { heading: "A", number: true },
    { heading: "B", number: true },
    { heading: "change", number: true },
    { heading: "pairs equal", number: true },
    ...(exact ? [] : [{ heading: "B \u2212 A" }]),
  ];
  return table(
    columns,
    headlines.map((row, at) => [
      ...[
        row.title === headlines[at - 1]?.title ? "" : row.title,
        row.workload,
        row.arm,
        significant(row.a),
        significant(row.b),
      ],
      ...[relationOf(row), `${row.equalPairs} of ${row.pairs}`],
      ...(exact ? [] : [effectOf(row)]),
    ]),
  );
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

function pairTable({ pairs }: Comparison): Markup {
  const columns = [{ heading: "" }, { heading: "A" }, { heading: "B" }, { heading: "records" }];
  return table(
    columns,
    pairs.map(({ label, a, b, sameRecords }) => [
      ...[label, markup`<span class="mono digest">${a}</span>`],
      markup`<span class="mono digest">${b}</span>`,
      sameRecords ? "the same" : "different",
    ]),
  );
}
