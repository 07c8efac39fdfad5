// SPDX-License-Identifier: Apache-2.0
/** What the page is made of: a closed list of resources, none of which is a path of this machine. */
import { stripTypeScriptTypes } from "node:module";
import { chartConfig, listCharts, questionsOf, readChart } from "../figures/chart.ts";
import type { ChartSpec } from "../figures/spec.ts";
import { confinement } from "../engine/engine.ts";
import { listQuestions } from "../questions/questions.ts";
import { readSchema } from "../tables/schema.ts";
import { libraries, type Resource, SCRIPT } from "./libraries.ts";
import { page, pageStyle, policy } from "./page.ts";
import type { ViewedRuns } from "./runs.ts";

/** The answer to a path, if there is one. */
export interface Site {
  policy: string;
  find(path: string): Resource | undefined;
}

/** The page's own modules, as paths within analysis/. They import each other as they do here, and so have their places. */
const MODULES = [
  "figures/arms.ts",
  "figures/places.ts",
  "engine/harmless.ts",
  "engine/result.ts",
  "engine/times.ts",
  "questions/statements.ts",
  "tables/result_parquet.ts",
  "report/client/data.ts",
  "report/client/download.ts",
  "report/client/theme.ts",
  "view/client/main.ts",
  "view/client/answers.ts",
  "view/client/chart.ts",
  "view/client/database.ts",
  "view/client/editor.ts",
  "view/client/encoding.ts",
  "view/client/lab.ts",
  "view/client/link.ts",
  "view/client/page.ts",
  "view/client/sidebar.ts",
  "view/client/table.ts",
] as const;

/** The same of other rooms, as the page's modules find them. */
const SHARED = ["contract/phases.ts"] as const;

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
  const charts = await chartsOfQuestions(questions.map(({ name }) => name));
  return { runs, schema: schema.sql, attribution, questions, charts, confinement, chartConfig };
}

/** The lab's own charts that draw one question alone, by its name, over data named "answer". */
async function chartsOfQuestions(names: readonly string[]): Promise<Record<string, ChartSpec>> {
  const charts: Record<string, ChartSpec> = {};
  for (const name of await listCharts()) {
    const spec = await readChart(name);
    const [question, ...more] = questionsOf(spec);
    // Some draw what is computed from several questions, which nobody can ask.
    if (question === undefined || more.length > 0 || !names.includes(question)) continue;
    charts[question] = JSON.parse(JSON.stringify(spec), (key, value) => {
      return key === "data" && value?.name === question ? { ...value, name: "answer" } : value;
    });
  }
  return charts;
}

async function modules(): Promise<[string, Resource][]> {
  const files = [
    ...MODULES.map((path) => [`analysis/${path}`, `../${path}`] as const),
    ...SHARED.map((path) => [path, `../../${path}`] as const),
  ];
  return await Promise.all(files.map(async ([path, file]): Promise<[string, Resource]> => {
    const source = await Deno.readTextFile(new URL(file, import.meta.url));
    return [`/${path}`, { type: SCRIPT, body: stripTypeScriptTypes(source) }];
  }));
}

function tablePart(viewed: ViewedRuns, path: string): Resource | undefined {
  const [, run, table, part] = /^\/tables\/(\d{1,4})\/(\w+)\/(\d{1,6})$/.exec(path) ?? [];
  if (run === undefined || table === undefined || part === undefined) return undefined;
  const body = viewed.part(Number(run), table, Number(part));
  return body === undefined ? undefined : { type: "application/vnd.apache.arrow.stream", body };
}
