// SPDX-License-Identifier: Apache-2.0
/** What can stand where names are typed: for completion, so nothing here ever fails. */
import { latestName, newestFirst } from "../bench/run_names.ts";
import { settingNames, settingOf } from "../contract/settings.ts";
import { hostKinds } from "../hosts/kinds.ts";

const root = new URL("../", import.meta.url);

/** Names in a folder of the checkout that match, without what the pattern does not take. */
async function namesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(new URL(folder, root))) {
      const [, shown] = pattern.exec(name) ?? [];
      if (shown !== undefined) names.push(shown);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
  return names.sort();
}

const beginningWith = (partial: string) => (name: string) => name.startsWith(partial);

export async function experimentNames(partial: string): Promise<string[]> {
  const names = await namesIn("experiments/", /^([\w-]+)\.jsonc?$/);
  return names.filter(beginningWith(partial));
}

/** Runs, the newest first, and the word for the newest. */
export async function runNames(partial: string): Promise<string[]> {
  const names = await namesIn("reports/", /^([\w.-]+-\d{8}-\d{6}(?:-\d+)?)$/);
  return [latestName, ...newestFirst(names)].filter(beginningWith(partial));
}

export async function runAndPackNames(partial: string): Promise<string[]> {
  const packs = await namesIn("reports/", /^([\w.-]+\.tar\.zst)$/);
  return [
    ...await runNames(partial),
    ...["reference"].filter(beginningWith(partial)),
    ...packs.map((name) => `reports/${name}`).filter(beginningWith(partial)),
  ];
}

export async function questionNames(partial: string): Promise<string[]> {
  const names = await namesIn("analysis/questions/", /^([\w-]+)\.sql$/);
  return names.filter(beginningWith(partial));
}

/** "guests=" for "gu"; "thp=always" for "thp=al"; "arm=off,on" for "arm=off,o". */
export async function overrideNames(partial: string): Promise<string[]> {
  const equals = partial.indexOf("=");
  if (equals < 0) return settingNames.map((name) => `${name}=`).filter(beginningWith(partial));
  const before = partial.slice(0, partial.lastIndexOf(",") + 1) || partial.slice(0, equals + 1);
  const levels = await levelsOf(partial.slice(0, equals));
  const taken = partial.slice(equals + 1).split(",").slice(0, -1);
  return levels.filter((level) => !taken.includes(level))
    .map((level) => before + level)
    .filter(beginningWith(partial));
}

async function levelsOf(factor: string): Promise<string[]> {
  const setting = settingOf(factor);
  switch (setting?.kind) {
    case "choice":
    case "switch":
      return setting.levels.map(String);
    case "name":
      return await namesIn("workloads/", /^([a-z]\w*)$/);
    case "whole":
      return [String(setting.default)];
    default:
      return [];
  }
}

/** Kinds of hosts: folders of hosts/. */
export async function hostNames(partial: string): Promise<string[]> {
  return (await hostKinds()).filter(beginningWith(partial));
}

/** Tables that are written down as such: those of records are declared one a kind. */
export async function tableNames(partial: string): Promise<string[]> {
  const { readSchema } = await import("../analysis/mod.ts");
  const names = new Set((await readSchema()).columns.map(({ table }) => table));
  return [...names].sort().filter(beginningWith(partial));
}

/** Words that can be explained. */
export async function termNames(partial: string): Promise<string[]> {
  const { readTerms } = await import("./terms.ts");
  const words = (await readTerms()).flatMap(({ words }) => words);
  return [...new Set(words)].filter((word) => !word.includes(" ")).filter(beginningWith(partial));
}
