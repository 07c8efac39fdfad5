// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import type { ViewedRun } from "../runs.ts";
import type { Spec } from "./encoding.ts";

/** What the server says about the runs and the lab: see view/site.ts. */
export interface Lab {
  runs: ViewedRun[];
  schema: string;
  attribution: string;
  questions: { name: string; question: string; notes: string; sql: string }[];
  /** The lab's charts of one question each, by the question's name; their data are named "answer". */
  charts: Record<string, Spec>;
  confinement: string[];
  chartConfig: Spec;
}

export async function fetchLab(): Promise<Lab> {
  return await (await fetchWhole("lab.json")).json();
}

/** @throws {Error} If the server does not answer with it: mostly because it has ended. */
export async function fetchWhole(path: string): Promise<Response> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`Cannot fetch ${path}: ${response.status}`);
  return response;
}
