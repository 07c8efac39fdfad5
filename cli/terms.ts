// SPDX-License-Identifier: Apache-2.0
/** Words that the lab uses, with what they mean: gathered from where each is declared. */
import { listQuestions, readSchema } from "../analysis/mod.ts";
import { experimentNames, readExperiment } from "../bench/experiment.ts";
import type { Setting } from "../contract/setting.ts";
import { settingDeclarations } from "../contract/settings.ts";
import { reasons, vendors } from "../machines/machine.ts";
import { reasonClasses } from "../machines/reason.ts";
import { workloadByName, workloadNames } from "../workloads/workload.ts";

/** A word in one of its meanings. */
export interface Term {
  /** As it is written; several words may share a meaning. */
  words: readonly string[];
  /** What kind of word it is: "factor", "column of exits". */
  kind: string;
  meaning: string;
}

/** All words, those of the glossary first. */
export async function readTerms(): Promise<Term[]> {
  return [
    ...await glossary(),
    ...Object.entries(settingDeclarations).map(([name, setting]) => ({
      words: [name],
      kind: "factor",
      meaning: settingInWords(setting),
    })),
    ...await workloads(),
    ...await experiments(),
    ...(await listQuestions()).map(({ name, question }) => ({
      words: [name],
      kind: "question",
      meaning: question,
    })),
    ...reasonTerms(),
    ...(await readSchema()).columns.map(({ table, name, comment }) => ({
      words: [name, `${table}.${name}`],
      kind: `column of ${table}`,
      meaning: comment,
    })),
  ];
}

async function glossary(): Promise<Term[]> {
  const text = await Deno.readTextFile(new URL("../docs/GLOSSARY.md", import.meta.url));
  const rows = [...text.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)].slice(1);
  return rows.filter(([, words]) => !/^-+$/.test(words!)).map(([, words, meaning]) => ({
    words: words!.split(", "),
    kind: "glossary",
    meaning: meaning!.replaceAll("`", ""),
  }));
}

function settingInWords(setting: Setting): string {
  const { description, unit } = setting;
  const levels = setting.kind === "whole"
    ? `${setting.minimum} to ${setting.maximum}${unit === undefined ? "" : ` ${unit}`}`
    : "levels" in setting
    ? setting.levels.join(", ")
    : "a name";
  const usual = "default" in setting ? `; ${setting.default} if not given` : "";
  return `${description} (${levels}${usual})`;
}

async function workloads(): Promise<Term[]> {
  const all = await Promise.all((await workloadNames()).map(workloadByName));
  return all.map(({ name, title, standsFor }) => ({
    words: [name],
    kind: "workload",
    meaning: `${title}. ${standsFor}`,
  }));
}

async function experiments(): Promise<Term[]> {
  const names = await experimentNames();
  return await Promise.all(names.map(async (name) => {
    const { title, question } = await readExperiment(name);
    return { words: [name], kind: "experiment", meaning: `${title}. ${question}` };
  }));
}

function reasonTerms(): Term[] {
  return [
    ...Object.entries(reasonClasses).map(([name, meaning]) => ({
      words: [name],
      kind: "class of exit reasons",
      meaning,
    })),
    ...vendors.flatMap((vendor) =>
      reasons[vendor].map((reason) => ({
        words: [reason.name],
        kind: `exit reason of ${vendor}`,
        meaning: `code ${inBoth(reason.code)}, ${reason.class}: ${reasonClasses[reason.class]}`,
      }))
    ),
  ];
}

/** "0x400 (1024)". */
export function inBoth(code: number): string {
  return `0x${code.toString(16)} (${code})`;
}
