/**
 * Experiments: JSON files that say which settings take which levels. All levels are crossed.
 */
import { join } from "@std/path";
import { z } from "zod";
import { LabError } from "../base/errors.ts";
import { workloadByName } from "../workloads/workload.ts";
import { requirePossible } from "./requirements.ts";
import {
  defaultSettings,
  type PhaseName,
  phaseNames,
  settingNames,
  type Settings,
  settingTypes,
  type SettingValue,
} from "./settings.ts";

/** Levels by factor; factors with one level are constants. */
export type Factors = Record<string, SettingValue[]>;

export interface Experiment {
  name: string;
  title: string;
  question: string;
  factors: Factors;
  phases: PhaseName[];
}

const levels = <T extends z.ZodType>(type: T) => z.union([type, z.array(type).min(1)]);

const parameterName = /^workload\.[a-z][a-z0-9_]*$/;

/** The file's form. Workload parameters are checked against the workload afterwards. */
export const experimentSchema = z.strictObject({
  $schema: z.string().optional(),
  title: z.string().min(1),
  question: z.string().min(1),
  factors: z.looseObject({ ...settingLevels(), workload: levels(settingTypes.workload) }),
  phases: z.array(z.enum(phaseNames)).min(2).optional(),
});

/** One level or a list of them for each setting; all may be left out. */
function settingLevels(): Record<string, z.ZodOptional> {
  return Object.fromEntries(
    settingNames.map((name) => [name, levels(settingTypes[name] as z.ZodType).optional()]),
  );
}

const defaultPhases: PhaseName[] = ["boot", "load", "settle", "merge", "touch", "end"];

const folder = join(import.meta.dirname!, "..", "experiments");

/** Names of the experiments that come with the lab. */
export async function experimentNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".json") && !name.endsWith(".schema.json")) names.push(name.slice(0, -5));
  }
  return names.sort();
}

/**
 * Reads an experiment by name, or from a file if the name has a slash or ends in ".json", and puts
 * other levels in place of those that `overrides` names.
 *
 * @throws {LabError} that names the field, what is wrong with it and what is possible.
 */
export async function readExperiment(
  name: string,
  overrides: Factors = {},
): Promise<Experiment> {
  const isFile = name.includes("/") || name.endsWith(".json");
  if (!isFile && !(await experimentNames()).includes(name)) {
    throw new LabError(
      `Cannot run "${name}": there is no such experiment`,
      `Experiments: ${(await experimentNames()).join(", ")}; or give the path of a JSON file`,
    );
  }
  const path = isFile ? name : join(folder, `${name}.json`);
  const shortName = isFile ? name.slice(name.lastIndexOf("/") + 1).replace(/\.json$/, "") : name;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(shortName)) {
    throw new LabError(
      `Cannot run "${name}": "${shortName}" cannot be the name of a folder`,
      "Use letters, digits, dots, hyphens and underscores",
    );
  }
  return await checkExperiment(shortName, await readJson(path), overrides);
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new LabError(`Cannot read the experiment ${path}: there is no such file`);
    }
    throw new LabError(`Cannot read the experiment ${path}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
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
  const parsed = experimentSchema.safeParse(merged);
  if (!parsed.success) throw refusal(name, parsed.error);
  const { title, question, factors, phases = defaultPhases } = parsed.data;
  const all: Factors = {};
  for (const [factor, value] of Object.entries({ ...defaultSettings, ...factors })) {
    all[factor] = Array.isArray(value) ? value as SettingValue[] : [value as SettingValue];
  }
  for (const [factor, list] of Object.entries(all)) requireDistinct(name, factor, list);
  await checkParameters(name, all);
  await requirePossible(name, all);
  checkPhases(name, phases);
  return { name, title, question, factors: all, phases };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(name: string, error: z.ZodError): LabError {
  const lines = error.issues.map((issue) => `  ${placeOf(issue.path)}: ${detailOf(issue)}`);
  return new LabError(
    `Cannot run "${name}": its description is not valid\n${lines.join("\n")}`,
    "experiments/experiment.schema.json describes all fields; `lab experiments` lists factors",
  );
}

/** "factors.guests, level 2" rather than an index that counts from zero. */
function placeOf(path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  if (typeof last !== "number") return path.join(".") || "the file";
  return `${path.slice(0, -1).join(".")}, level ${last + 1}`;
}

/** For a value that may be a list, what is wrong with the single value is what a person means. */
function detailOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union") return issue.message;
  return issue.errors[0]?.[0]?.message ?? issue.message;
}

function requireDistinct(name: string, factor: string, list: readonly SettingValue[]): void {
  const twice = list.find((value, index) => list.indexOf(value) !== index);
  if (twice === undefined) return;
  throw new LabError(`Cannot run "${name}": factors.${factor} has the level ${twice} twice`);
}

/** Factors beyond the settings must be parameters of every workload, within their ranges. */
async function checkParameters(name: string, factors: Factors): Promise<void> {
  const workloads = await Promise.all(factors.workload!.map((value) => workloadByName(`${value}`)));
  for (const [factor, list] of Object.entries(factors)) {
    if ((settingNames as string[]).includes(factor)) continue;
    const key = factor.replace(/^workload\./, "");
    for (const workload of workloads) {
      const parameter = parameterName.test(factor) ? workload.parameters[key] : undefined;
      if (parameter === undefined) {
        const possible = Object.keys(workload.parameters).map((each) => `workload.${each}`);
        throw new LabError(
          `Cannot run "${name}": factors.${factor} is neither a setting nor a parameter of ` +
            `the workload ${workload.name}`,
          `Settings: ${settingNames.join(", ")}\n` +
            `Parameters of ${workload.name}: ${possible.join(", ") || "none"}`,
        );
      }
      const { minimum, maximum, unit } = parameter;
      const bad = list.find((value) =>
        typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum
      );
      if (bad !== undefined) {
        throw new LabError(
          `Cannot run "${name}": factors.${factor}: ${JSON.stringify(bad)} is not a whole number ` +
            `from ${minimum} to ${maximum} (${unit})`,
        );
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

/** The settings of every trial: all levels of all factors crossed, the last factor fastest. */
export function crossLevels(factors: Factors): Settings[] {
  let combinations: Record<string, SettingValue>[] = [{}];
  for (const [factor, list] of Object.entries(factors)) {
    combinations = combinations.flatMap((one) =>
      list.map((value) => ({ ...one, [factor]: value }))
    );
  }
  return combinations as Settings[];
}
