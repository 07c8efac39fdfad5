// SPDX-License-Identifier: Apache-2.0
/** What the page is made of: a closed list of resources, none of which is a path of this machine. */
import * as arrow from "apache-arrow";
import { fromFileUrl } from "@std/path";
import { stripTypeScriptTypes } from "node:module";
import { chartConfig, listCharts, questionsOf, readChart } from "../figures/chart.ts";
import type { ChartSpec } from "../figures/spec.ts";
import { confinement } from "../engine/engine.ts";
import { listQuestions } from "../questions/questions.ts";
import { readSchema } from "../tables/schema.ts";
import { page, pageStyle, policy } from "./page.ts";
import type { ViewedRuns } from "./runs.ts";

/** Something that can be fetched. */
export interface Resource {
  type: string;
  /** A text, bytes, or the file that holds it. */
  body: string | Uint8Array<ArrayBuffer> | URL;
}

/** The answer to a path, if there is one. */
export interface Site {
  policy: string;
  find(path: string): Resource | undefined;
}

/** The page's own modules, as paths within analysis/. They import each other as they do here. */
const MODULES = [
  "figures/arms.ts",
  "figures/places.ts",
  "engine/result.ts",
  "report/client/data.ts",
  "report/client/download.ts",
  "report/client/theme.ts",
  "view/client/main.ts",
  "view/client/answers.ts",
  "view/client/chart.ts",
  "view/client/database.ts",
  "view/client/encoding.ts",
  "view/client/lab.ts",
  "view/client/link.ts",
  "view/client/page.ts",
  "view/client/sidebar.ts",
  "view/client/table.ts",
] as const;

const SCRIPT = "text/javascript; charset=utf-8";
const JSON_TYPE = "application/json";

/** Puts together what the page needs; its tables stay where they are until they are asked for. */
export async function openSite(viewed: ViewedRuns): Promise<Site> {
  const fixed = new Map<string, Resource>([
    ["/", { type: "text/html; charset=utf-8", body: page }],
    ["/style.css", { type: "text/css; charset=utf-8", body: await pageStyle() }],
    ["/lab.json", { type: JSON_TYPE, body: JSON.stringify(await labFacts(viewed)) }],
    ...await modules(),
    ...await libraries(),
  ]);
  return { policy, find: (path) => fixed.get(path) ?? tablePart(viewed, path) };
}

/** What the page has to know: the runs, and the lab's schema and questions. */
async function labFacts({ runs }: ViewedRuns) {
  const schema = await readSchema();
  const attribution = await Deno.readTextFile(new URL("../trace/attribution.sql", import.meta.url));
  const questions = await listQuestions();
  const charts = await chartsOfQuestions();
  return { runs, schema: schema.sql, attribution, questions, charts, confinement, chartConfig };
}

/** The lab's own charts that draw one question alone, by its name, over data named "answer". */
async function chartsOfQuestions(): Promise<Record<string, ChartSpec>> {
  const charts: Record<string, ChartSpec> = {};
  for (const name of await listCharts()) {
    const spec = await readChart(name);
    const [question, ...more] = questionsOf(spec);
    if (question === undefined || more.length > 0) continue;
    charts[question] = JSON.parse(JSON.stringify(spec), (key, value) => {
      return key === "data" && value?.name === question ? { ...value, name: "answer" } : value;
    });
  }
  return charts;
}

async function modules(): Promise<[string, Resource][]> {
  return await Promise.all(MODULES.map(async (path): Promise<[string, Resource]> => {
    const source = await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
    return [`/${path}`, { type: SCRIPT, body: stripTypeScriptTypes(source) }];
  }));
}

async function libraries(): Promise<[string, Resource][]> {
  const resolve = (specifier: string) => import.meta.resolve(specifier);
  const beside = (name: string, file: string) => new URL(file, resolve(name));
  const duckdb = (file: string) => new URL(resolve(`@duckdb/duckdb-wasm/dist/${file}`));
  const files: [string, string, URL][] = [
    ["/lib/vega.js", SCRIPT, beside("vega", "vega.min.js")],
    ["/lib/vega-lite.js", SCRIPT, beside("vega-lite", "vega-lite.min.js")],
    ["/lib/vega-embed.js", SCRIPT, beside("vega-embed", "vega-embed.min.js")],
    ["/lib/duckdb.js", SCRIPT, duckdb("duckdb-browser.mjs")],
    ["/lib/duckdb-worker.js", SCRIPT, duckdb("duckdb-browser-eh.worker.js")],
    ["/lib/duckdb.wasm", "application/wasm", duckdb("duckdb-eh.wasm")],
  ];
  return [
    ...files.map(([path, type, body]): [string, Resource] => [path, { type, body }]),
    ["/lib/apache-arrow.js", { type: SCRIPT, body: await arrowModule() }],
  ];
}

/** Arrow's build for the browser is a script that sets a variable; this makes a module of it. */
async function arrowModule(): Promise<string> {
  const file = new URL("Arrow.es2015.min.js", import.meta.resolve("apache-arrow"));
  const script = await Deno.readTextFile(fromFileUrl(file));
  const names = Object.keys(arrow).filter((name) => name !== "default");
  return `const host = {};
(function () {
${script}
}).call(host);
export const { ${names.join(", ")} } = host.Arrow;
`;
}

function tablePart(viewed: ViewedRuns, path: string): Resource | undefined {
  const [, run, table, part] = /^\/tables\/(\d{1,4})\/(\w+)\/(\d{1,6})$/.exec(path) ?? [];
  if (run === undefined || table === undefined || part === undefined) return undefined;
  const body = viewed.part(Number(run), table, Number(part));
  return body === undefined ? undefined : { type: "application/vnd.apache.arrow.stream", body };
}
