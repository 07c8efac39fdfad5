// SPDX-License-Identifier: Apache-2.0
/** A Vega-Lite spec whose data are named after questions. */
export type ChartSpec = Record<string, unknown>;

/** A part of a spec: an object as JSON has it. */
export type Part = Readonly<Record<string, unknown>>;
