// SPDX-License-Identifier: Apache-2.0
/**
 * Experiments: JSON files, with comments or without, that say which settings take which levels. All levels are crossed.
 */
import { parse } from "@std/jsonc";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { machineError } from "../base/machine_error.ts";
import { readText } from "../base/regular_file.ts";
import { exists } from "../base/files.ts";
import { nearestWord } from "../base/nearest_word.ts";
import { type PhaseName, phaseNames } from "../contract/phases.ts";
import { objectionToNumber } from "../contract/setting.ts";
import {
  defaultSettings,
  type Factors,
  parameterPattern,
  settingNames,
  settingOf,
  type Settings,
} from "../contract/settings.ts";
import { workloadByName } from "../workloads/workload.ts";
import {
  experimentForm,
  levelsOf,
  objectionsToFactors,
  objectionsToForm,
} from "./experiment_form.ts";
import { requirePossible } from "./requirements.ts";

export interface Experiment {
  name: string;
  title: string;
  question: string;
  factors: Factors;
  phases: PhaseName[];
}

/**
 * More would take weeks, at some seconds each; and run.json, which is written after each trial and has a
 * good KiB of each, would be too large.
 */
export const mostTrials = 100_000;

const defaultPhases: PhaseName[] = ["boot", "load", "settle", "merge", "touch", "end"];

const folder = join(import.meta.dirname!, "..", "experiments");

/** Files of experiments may have comments and commas at the end, whatever they are called. */
const endings = [".json", ".jsonc"];

async function pathOf(name: string): Promise<string> {
  const [plain, commented] = endings.map((ending) => join(folder, name + ending));
  return await exists(plain!) ? plain! : commented!;
}

/** Names of the experiments that come with the lab. */
export async function experimentNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const [, shown] = /^([^.]+)\.jsonc?$/.exec(name) ?? [];
    if (shown !== undefined && !names.includes(shown)) names.push(shown);
  }
  return names.sort();
}

/**
 * Reads an experiment by name, or from a file if the name has a slash or ends in ".json" or ".jsonc", and puts
 * other levels in place of those that `overrides` names.
 *
 * @throws {LabError} that names the field, what is wrong with it and what is possible.
 */
export async function readExperiment(
  name: string,
  overrides: Factors = {},
): Promise<Experiment> {
  const isFile = name.includes("/") || endings.some((ending) => name.endsWith(ending));
  if (!isFile && !(await experimentNames()).includes(name)) {
    const near = nearestWord(name, await experimentNames());
    throw new LabError(
      `Cannot run "${name}": there is no such experiment`,
      near === undefined
        ? `Experiments: ${(await experimentNames()).join(", ")}; or give the path of a file`
        : `Did you mean "${near}"? ./lab experiments lists them all`,
    );
  }
  const path = isFile ? name : await pathOf(name);
  const shortName = isFile ? name.slice(name.lastIndexOf("/") + 1).replace(/\.jsonc?$/, "") : name;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(shortName)) {
    throw new LabError(
      `Cannot run "${name}": "${shortName}" cannot be the name of a folder`,
      "Use letters, digits, dots, hyphens and underscores, a hundred at most",
    );
  }
  return await checkExperiment(shortName, await readJson(path), overrides);
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new LabError(`Cannot read the experiment ${path}: there is no such file`);
    }
    throw machineError(error) ?? error;
  }
  try {
    return parse(text);
  } catch (error) {
    throw new LabError(`Cannot read the experiment ${path}: ${(error as Error).message}`);
  }
}

/** As {@linkcode readExperiment}, for content that has been read already. */
export async function checkExperiment(
  name: string,
  content: unknown,
  overrides: Factors = {},
): Promise<Experiment> {
  const merged = isRecord(content) && isRecord(content.factors)
    ? { ...content, factors: { ...content.factors, ...overrides } }
    : content;
  const objections = objectionsToForm(merged);
  if (isRecord(merged) && isRecord(merged.factors)) {
    objections.push(...objectionsToFactors(merged.factors));
  }
  if (objections.length > 0) throw refusal(name, objections);
  const { title, question, factors, phases = defaultPhases } = experimentForm.parse(merged);
  const all: Factors = {};
  for (const [factor, value] of Object.entries({ ...defaultSettings, ...factors })) {
    all[factor] = levelsOf(value);
  }
  await checkParameters(name, all);
  requireFewEnough(all, name);
  await requirePossible(name, all);
  checkPhases(name, phases);
  return { name, title, question, factors: all, phases };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(name: string, objections: readonly string[]): LabError {
  return new LabError(
    `Cannot run "${name}": its description is not valid\n` +
      objections.map((objection) => `  ${objection}`).join("\n"),
    "docs/FACTORS.md lists all factors and their levels",
  );
}

/** How many trials all levels of all factors make when they are crossed. */
export function trialCount(factors: Factors): number {
  return Object.values(factors).reduce((count, { length }) => count * length, 1);
}

/** Counted before they are crossed, which would take all memory. */
function requireFewEnough(factors: Factors, name?: string): void {
  const count = trialCount(factors);
  if (count <= mostTrials) return;
  throw new LabError(
    `Cannot run ${name === undefined ? "this" : `"${name}"`}: these are ` +
      `${count.toLocaleString("en")} trials, more than ` +
      mostTrials.toLocaleString("en"),
    "All levels of all factors are crossed: take some levels out",
  );
}

/**
 * Refuses the experiment of a run that may come from somebody else, where its trials are to be carried
 * out: it must be one that this lab would have begun.
 *
 * @throws {LabError} as {@linkcode checkExperiment}.
 */
export async function requireExperiment({ name, ...content }: Experiment): Promise<void> {
  await checkExperiment(name, content);
}

/** Factors beyond the settings must be parameters of every workload, within their ranges. */
async function checkParameters(name: string, factors: Factors): Promise<void> {
  const workloads = await Promise.all(factors.workload!.map((value) => workloadByName(`${value}`)));
  for (const [factor, list] of Object.entries(factors)) {
    if (settingOf(factor) !== undefined) continue;
    const key = factor.replace(/^workload\./, "");
    for (const workload of workloads) {
      const parameter = parameterPattern.test(factor) && Object.hasOwn(workload.parameters, key)
        ? workload.parameters[key]
        : undefined;
      if (parameter === undefined) {
        const possible = Object.keys(workload.parameters).map((each) => `workload.${each}`);
        throw new LabError(
          `Cannot run "${name}": factors.${factor} is neither a setting nor a parameter of ` +
            `the workload ${workload.name}`,
          `Settings: ${settingNames.join(", ")}\n` +
            `Parameters of ${workload.name}: ${possible.join(", ") || "none"}`,
        );
      }
      const objection = list.map((level) => objectionToNumber(parameter, level))
        .find((said) => said !== undefined);
      if (objection !== undefined) {
        throw new LabError(`Cannot run "${name}": factors.${factor}: ${objection}`);
      }
    }
  }
}

function checkPhases(name: string, phases: readonly PhaseName[]): void {
  const order = phases.map((phase) => phaseNames.indexOf(phase));
  const rising = order.every((at, index) => index === 0 || at > order[index - 1]!);
  if (rising && phases[0] === "boot" && phases.at(-1) === "end") return;
  throw new LabError(
    `Cannot run "${name}": phases must begin with boot, end with end, and keep this order: ` +
      phaseNames.join(", "),
  );
}

/**
 * The settings of every trial: all levels of all factors crossed, the last factor fastest.
 *
 * @throws {LabError} when they are too many; factors may be those of somebody else's run.json.
 */
export function crossLevels(factors: Factors): Settings[] {
  requireFewEnough(factors);
  let combinations: Record<string, Factors[string][number]>[] = [{}];
  for (const [factor, list] of Object.entries(factors)) {
    combinations = combinations.flatMap((one) =>
      list.map((value) => ({ ...one, [factor]: value }))
    );
  }
  return combinations as Settings[];
}
