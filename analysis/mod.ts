// SPDX-License-Identifier: Apache-2.0
/**
 * Analysis: from the records of a run to tables, answers, findings, figures and the report.
 *
 * It reads a run folder and never the bench. The way of the data: `load/` reads records into rows,
 * `tables/` puts them into the tables of `schema.ts`, `questions/` ask, `findings/` puts the answers
 * into sentences, `figures/` draws them, `report/` writes them down.
 */
export { LabError } from "../base/errors.ts";
export {
  type ComparedTrials,
  compareRuns,
  compareWithFirst,
  type Comparison,
  type HeadlineRow,
  type MeasureRow,
  type Side,
} from "./compare/comparison.ts";
export { type Condition, parseCondition, violationsOf } from "./compare/fail_on.ts";
export type { InputDifference } from "./compare/inputs.ts";
export { comparisonPage } from "./compare/page.ts";
export { comparisonText, movedMeasures } from "./compare/text.ts";
export { type Database, openDatabase } from "./tables/database.ts";
export { type Cell, type Column, type Engine, type EngineKind, type Row } from "./engine/engine.ts";
export type { ColumnBatch, ColumnData } from "./engine/columns.ts";
export type { Evidence, Finding } from "./findings/finding.ts";
export {
  SUMMARY_MEASURE,
  summaryInWords,
  summaryLines,
  summaryOf,
  type SummaryRow,
} from "./findings/summary.ts";
export { findingsOf } from "./findings/findings.ts";
export { type OutsideAnswer, outsideAnswer } from "./findings/outside/answer.ts";
export { readSchema } from "./tables/schema.ts";
export { writeParquet } from "./tables/parquet.ts";
export { listQuestions, type Question, readQuestion } from "./questions/questions.ts";
export { formatJson, formatMarkdown, formatTable } from "./questions/formats.ts";
export { type QueryAnswer, runQuery } from "./questions/query.ts";
export { toCsv } from "./tables/csv.ts";
export { resultParquet } from "./tables/result_parquet.ts";
export { type DescribedTable, describeTables } from "./tables/describe.ts";
export type { Interval, PairedEffect, PermutationTest } from "./statistics/mod.ts";
export { writeReport, type WrittenReport } from "./report/report.ts";
export type { Answer, Result, Value } from "./engine/result.ts";
export { readRunFile, type RunFile } from "../contract/run_file.ts";
export type { Served } from "./view/server.ts";
export { type View, viewRuns } from "./view/view.ts";
