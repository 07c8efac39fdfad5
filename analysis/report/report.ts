// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import type { LabError } from "../../base/errors.ts";
import { isOutside } from "../../contract/exact.ts";
import { refuseLinks } from "../../base/links.ts";
import { writeAtomically } from "../../base/files.ts";
import { drawChart, type Drawing, questionsOf, readChart } from "../figures/chart.ts";
import { toCsv } from "../tables/csv.ts";
import { type Database, openDatabase } from "../tables/database.ts";
import { effectsOf } from "../statistics/effects.ts";
import type { EngineKind } from "../engine/engine.ts";
import { mostValuesOfReport } from "../engine/limits.ts";
import { conditionCells } from "../findings/conditions.ts";
import { sparedPairs } from "../findings/spared.ts";
import { findingsOf } from "../findings/findings.ts";
import { booktabs } from "../paper/booktabs.ts";
import { artifactMarkdown, artifactOf } from "../paper/artifact.ts";
import { artifactSection, paper, snippets } from "../paper/paper.ts";
import { writeParquet } from "../tables/parquet.ts";
import { svgToPdfPage } from "../figures/pdf.ts";
import { listQuestions } from "../questions/questions.ts";
import { readAssets } from "./assets.ts";
import { glossaryOf, readGlossary } from "./glossary.ts";
import type { Material } from "./material.ts";
import { reportPage } from "./page.ts";
import type { Answer, Result } from "../engine/result.ts";

/** How much of a failed trial's log the report shows where it left no console excerpt. */
const EXCERPT_LINES = 20;

/** Panels of a chart: with more, the one of conditions says what there is to be seen. */
const MOST_PLACES = 60;

/** What has been written, and what the report had to leave out. */
export interface WrittenReport {
  /** Path of the page. */
  index: string;
  /** Wall-clock time it took, s. */
  seconds: number;
  /** Trials that run.json calls done but whose records cannot be trusted; the report says so too. */
  problems: LabError[];
}

/**
 * Analyses a run and writes `index.html`, `figures/*.{svg,pdf,vl.json}`, `tables/*.{csv,tex}`,
 * `data/*.parquet` and `paper/` into its folder. The same records give the same bytes.
 *
 * @throws {LabError} If run.json cannot be read, or a link is in the folder.
 */
export async function writeReport(runFolder: string, engine?: EngineKind): Promise<WrittenReport> {
  const began_ms = performance.now();
  await refuseLinks(runFolder, "write the report of a run");
  const database = await openDatabase(runFolder, engine);
  try {
    const material = await gather(database);
    const paper = isOutside(material.run.mode)
      ? []
      : ["paper/figures", "paper/tables", "paper/snippets"];
    for (const part of ["figures", "tables", ...paper]) {
      await Deno.mkdir(join(runFolder, part), { recursive: true });
    }
    await writeFigures(runFolder, material.drawings);
    await writeTables(runFolder, material.answers, database);
    if (!isOutside(material.run.mode)) await writePaper(runFolder, material);
    await writeParquet(database, join(runFolder, "data"));
    const index = join(runFolder, "index.html");
    // Last, so that a page never stands beside figures older than itself.
    await writeAtomically(index, reportPage(material, await readAssets()));
    const seconds = (performance.now() - began_ms) / 1000;
    return { index, seconds, problems: database.problems };
  } finally {
    database.close();
  }
}

async function gather(database: Database): Promise<Material> {
  const questions = await listQuestions();
  const answers: Record<string, Result> = {};
  for (const { name, sql } of questions) {
    answers[name] = await database.query(sql, mostValuesOfReport);
  }
  const rows = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [name, answer.rows]),
  );
  const effects = effectsOf(rows);
  answers.effects = effects;
  rows.effects = effects.rows;
  answers.condition_cells = conditionCells(rows.refaults_per_merged_page ?? []);
  rows.condition_cells = answers.condition_cells.rows;
  answers.refaults_spared = sparedPairs(rows.refaults_per_merged_page ?? []);
  rows.refaults_spared = answers.refaults_spared.rows;
  const { run } = database;
  const findings = findingsOf({ run, answers: rows });
  const charts = findings.flatMap(({ chart }) => chart ?? []);
  const trials = (await database.query("SELECT * FROM trials ORDER BY rowid")).rows;
  return {
    ...{ run, findings, answers, questions, trials },
    drawings: await drawAll(charts, rows),
    failures: (await database.query("SELECT * FROM failures ORDER BY rowid")).rows,
    lastLogs: await lastLogs(database),
    glossary: glossaryOf(await readGlossary(), run.mode),
  };
}

async function drawAll(
  charts: readonly string[],
  rows: Readonly<Record<string, readonly Answer[]>>,
): Promise<Record<string, Drawing>> {
  const drawings: Record<string, Drawing> = {};
  for (const name of charts) {
    const spec = await readChart(name);
    const shown = questionsOf(spec).flatMap((question) => rows[question] ?? []);
    const places = new Set(shown.map(({ workload, condition }) => `${workload} ${condition}`)).size;
    if (shown.length > 0 && (places <= MOST_PLACES || name === "conditions")) {
      drawings[name] = await drawChart(spec, rows);
    }
  }
  return drawings;
}

async function lastLogs(database: Database): Promise<Record<string, string>> {
  const { rows } = await database.query(
    `SELECT trial, text FROM logs JOIN trials USING (trial)
     WHERE status = 'failed' ORDER BY logs.rowid`,
  );
  const lines = Map.groupBy(rows, ({ trial }) => String(trial));
  return Object.fromEntries(
    [...lines].map(([trial, said]) => [
      trial,
      said.slice(-EXCERPT_LINES).map(({ text }) => String(text)).join("\n"),
    ]),
  );
}

async function writeFigures(
  runFolder: string,
  drawings: Readonly<Record<string, Drawing>>,
): Promise<void> {
  for (const [name, { spec, svg }] of Object.entries(drawings)) {
    await writeAtomically(join(runFolder, "figures", `${name}.svg`), svg);
    const page = await svgToPdfPage(svg, String(spec.description ?? name));
    for (const folder of ["figures", "paper/figures"]) {
      await writeAtomically(join(runFolder, folder, `${name}.pdf`), page);
    }
    const text = JSON.stringify(spec, null, 1) + "\n";
    await writeAtomically(join(runFolder, "figures", `${name}.vl.json`), text);
  }
}

/** `paper/` can be taken elsewhere by itself, so it has figures and tables of its own. */
async function writePaper(runFolder: string, material: Material): Promise<void> {
  for (const [name, answer] of Object.entries(material.answers)) {
    const table = booktabs(answer);
    if (table === null) continue;
    for (const folder of ["tables", "paper/tables"]) {
      await writeAtomically(join(runFolder, folder, `${name}.tex`), table);
    }
  }
  const references = await Deno.readTextFile(new URL("../paper/references.bib", import.meta.url));
  await writeAtomically(join(runFolder, "paper/references.bib"), references);
  for (const [name, text] of Object.entries(snippets(material))) {
    await writeAtomically(join(runFolder, "paper/snippets", name), text);
  }
  const rows = Object.fromEntries(
    Object.entries(material.answers).map(([name, answer]) => [name, answer.rows]),
  );
  const artifact = artifactOf(material.run, rows);
  await writeAtomically(join(runFolder, "paper/artifact.tex"), artifactSection(artifact));
  await writeAtomically(join(runFolder, "ARTIFACT.md"), artifactMarkdown(artifact));
  await writeAtomically(join(runFolder, "paper/main.tex"), paper(material));
}

async function writeTables(
  runFolder: string,
  answers: Readonly<Record<string, Result>>,
  database: Database,
): Promise<void> {
  const trials = await database.query("SELECT * FROM trials ORDER BY rowid");
  for (const [name, answer] of Object.entries({ ...answers, trials })) {
    await writeAtomically(join(runFolder, "tables", `${name}.csv`), toCsv(answer));
  }
}
