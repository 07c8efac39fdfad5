// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { type Arm, arms, baselines, treatment } from "./arms.ts";
import { drawChart, listCharts, questionsOf, readChart } from "./chart.ts";
import { ordersOf } from "./orders.ts";
import { themed } from "./theme.ts";

const MADE_UP: Arm = {
  name: "made-up",
  plain: "of the test",
  colour: { light: "#123456", dark: "#fedcba" },
  ...{ shape: "cross", size: 50, filled: false },
  ...{ width: 2, opacity: 1, dash: [1, 5] },
};

/** What the looks of an arm leave in the drawing of one that is shown as a point, or as a line. */
const POINT = /<path [^>]*stroke="#123456"/;
const LINE = /<path [^>]*stroke="#123456"[^>]*stroke-dasharray="1,5"/;

/** A row that every chart can draw: all columns that charts use, in one. Numbers mean nothing. */
function rowOf(arm: string) {
  return {
    ...{ workload: "w", condition: "", arm, seed: 1, trial: arm, phase: "touch", ordinal: 1 },
    ...{ refaults: 5, merged_pages: 10, refaults_per_merged_page: 0.5, guests: 2, unit: "page" },
    ...{ kernel: "6.1", mmu: "npt", carrier: "vm", mode: `KSM, ${arm}`, class: "empty" },
    ...{ scanning: "s", pages_to_scan: 1, to_50_percent_s: 1, merged_per_ksmd_ms: 1 },
    ...{ label: "NPF", count: 5, cause: "c", faults: 5, used_mib: 5, mark: "sample" },
    ...{ since_merge_s: 1, pages_sharing: 5, low_instructions: 2, share_at_least: 0.1 },
    ...{ copies: 5, write_instructions: 5, swapped_in_mib: 5, swapped_out_mib: 5, major_faults: 5 },
    ...{
      mmu_reads: 5,
      mmu_writes: 5,
      exit_instructions: 5,
      tlb_flushes: 5,
      guests_before_pressure: 5,
    },
    ...{ could_within: 1, found_within: 1, could_between: 1, found_between: 1, all_pages: 9 },
    ...{ loaded_mib: 5, merged_mib: 5, measure: "refaults per merged page", difference_low: 1 },
    ...{ difference_high: 2, difference_percent: 1, across: "a", down: "b", rest: "c" },
    ...{ across_order: 0, down_order: 0, rest_order: 0, refaults_per_100: 5 },
    spared_per_100: 5,
  };
}

/** Every object of a chart with the key it stands at. */
function partsOf(value: unknown, key = ""): [string, Record<string, unknown>][] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : [[key, value] as [string, Record<string, unknown>]];
  return [...own, ...Object.entries(value).flatMap(([name, part]) => partsOf(part, name))];
}

const fileOf = (name: string) => new URL(`charts/${name}.vl.json`, import.meta.url);

Deno.test("an arm that is added to the list has its own look and name in every chart of arms", async () => {
  const shown: string[] = [];
  for (const name of await listCharts()) {
    const chart = await readChart(name, [...arms, MADE_UP]);
    const looks = partsOf(chart).filter(([, { field, scale }]) => field === "arm" && scale);
    if (looks.length === 0) continue;
    shown.push(name);
    const rows = ["off", "on", MADE_UP.name].map(rowOf);
    const answers = Object.fromEntries(questionsOf(chart).map((question) => [question, rows]));
    const { svg } = await drawChart(chart, answers);
    const line = looks.some(([channel]) => channel === "strokeDash");
    assert((line ? LINE : POINT).test(svg), `${name} does not show the arm's look`);
    if (!line) {
      const shapes = looks.filter(([channel]) => channel === "shape");
      assert(
        shapes.every(([, { scale }]) => JSON.stringify(scale).includes('"cross"]')),
        `${name} shows the arm in no form of its own`,
      );
      assert(shapes.length > 0, `${name} tells arms apart by colour alone`);
    }
    // In a legend, or at the axis.
    assert(svg.includes(">of the test (made-up)</text>"), `${name} does not name the arm`);
    assert(!svg.includes("(stock)</text>"), `${name} names an arm that no row has`);
  }
  assertEquals(shown, [
    ...[
      "attribution",
      "breaks",
      "census",
      "conditions",
      "exits",
      "host_costs",
      "kernel_lines",
      "memory",
    ],
    ...["npt_against_shadow", "refaults", "scaling_with_guests", "scan_rate", "sharing"],
    "touch_cost",
  ]);
});

Deno.test("no chart names a colour or an arm", async () => {
  const names = arms.map(({ name }) => name).join("|");
  /* An arm as a text of its own, in an expression, or as a column that is named after it. */
  const named = new RegExp(`^(${names})$|'(${names})'|datum\\.(${names})\\b|, (${names})$`);
  const colour = /#[0-9a-f]{3}|\b(rgb|hsl)a?\(|\b(red|green|blue|orange|purple|gr[ae]y|black)\b/i;
  for (const name of await listCharts()) {
    const text = await Deno.readTextFile(fileOf(name));
    // Columns of that question's answer are named after the two arms that it compares.
    const columns = name === "off_against_stock" ? /"(off|stock)"/g : /$^/g;
    for (const [, said] of text.replaceAll(columns, '""').matchAll(/"((?:[^"\\]|\\.)*)"/g)) {
      assert(!named.test(said!), `${name} names an arm: ${said}`);
      assert(!colour.test(said!), `${name} names a colour: ${said}`);
    }
  }
});

Deno.test("a chart that is written out is Vega-Lite without the house's own words", async () => {
  for (const name of await listCharts()) {
    for (const [key, part] of partsOf(await readChart(name))) {
      for (const word of ["look", "means", "measures", "panel"]) {
        assert(!(word in part), `${name}: "${word}" is left in "${key}"`);
      }
      for (const channel of ["color", "stroke", "fill"]) {
        const said = part[channel];
        if (typeof said === "string") assert(/^#/.test(said), `${name}: no colour "${said}"`);
      }
    }
  }
});

Deno.test("orders name arms as arms.ts does, and its baselines and treatment are arms", () => {
  const names = arms.map(({ name }) => name);
  assertEquals(ordersOf().arm, names);
  for (const name of [...baselines, treatment]) assert(names.includes(name));
});

Deno.test("themed() leaves what a chart says itself", () => {
  const encoding = {
    y: { field: "arm", sort: ["b", "a"] },
    stroke: { field: "arm", legend: null },
  };
  const spec = themed({ mark: { type: "point", color: "#010203" }, encoding }) as {
    mark: { color: string };
    encoding: { y: { sort: string[] }; stroke: { legend: unknown; scale: { domain: string[] } } };
  };
  assertEquals(spec.mark.color, "#010203");
  assertEquals(spec.encoding.y.sort, ["b", "a"]);
  assertEquals(spec.encoding.stroke.legend, null);
  assertEquals(spec.encoding.stroke.scale.domain, arms.map(({ name }) => name));
});
