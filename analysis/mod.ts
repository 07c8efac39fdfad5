/**
 * Analysis: from the records of a run to tables, answers, findings, figures and the report.
 *
 * It reads a run folder and never the bench. The way of the data: `load.ts` reads records into rows,
 * `database.ts` puts them into the tables of `schema.sql`, `questions/` ask, `findings.ts` puts the
 * answers into sentences, `charts/` draw them, `report.ts` writes them down.
 */
export { compareRuns, type Comparison } from "./compare/comparison.ts";
export { comparisonPage } from "./compare/page.ts";
export { comparisonText, movedMeasures } from "./compare/text.ts";
export { type Database, openDatabase } from "./tables/database.ts";
export { type EngineKind, engineKind } from "./engine/engine.ts";
export type { Evidence, Finding } from "./findings/finding.ts";
export { findingsOf } from "./findings/findings.ts";
export { writeParquet } from "./tables/parquet.ts";
export { listQuestions, type Question, readQuestion } from "./questions/questions.ts";
export { formatJson, formatTable, type QueryAnswer, runQuery } from "./questions/query.ts";
export { writeReport, type WrittenReport } from "./report/report.ts";
export type { Answer, Result, Value } from "./engine/result.ts";
export { readRunFile, type RunFile } from "../contract/run_file.ts";
export { type View, viewRuns } from "./view/view.ts";
