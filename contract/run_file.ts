import { join } from "@std/path";
import { z } from "zod";
import { LabError } from "../base/errors.ts";

const setting = z.union([z.string(), z.number(), z.boolean()]);
const text = z.string();

const trial = z.looseObject({
  id: text.min(1),
  identity: text,
  block: z.number().nullish(),
  settings: z.record(text, setting),
  /** "waiting": the run has not come to it, or was interrupted before. */
  status: z.enum(["done", "failed", "waiting"]),
  reason: text.nullish(),
  records: text,
  digest: text.nullish(),
  wall_s: z.number().nullish(),
  /** Executed by the emulated host, from power-on to its end. */
  instructions: z.number().nullish(),
  /** The run that measured it, where that was another. */
  reused_from: text.nullish(),
  phases_wall_s: z.record(text, z.number()).nullish(),
});

const input = z.looseObject({ digest: text, version: text.optional() });

const runFile = z.looseObject({
  format: z.literal(1),
  run: text,
  experiment: z.looseObject({
    name: text,
    title: text.optional(),
    question: text.optional(),
    factors: z.record(text, z.unknown()).optional(),
    phases: z.array(text).optional(),
  }),
  mode: text,
  host: text,
  started: text.optional(),
  finished: text.nullish(),
  command: z.array(text).optional(),
  git: z.looseObject({ revision: text, clean: z.boolean().optional() }).nullish(),
  inputs: z.record(text, input).optional(),
  drift: z.boolean().optional(),
  machine: z.record(text, z.unknown()).optional(),
  timings_s: z.record(text, z.number()).optional(),
  digest: text.nullish(),
  trials: z.array(trial),
});

/** What `run.json` says about a run: what was asked, on what, and how each trial ended. */
export type RunFile = z.infer<typeof runFile>;
/** One trial of `run.json`. Paths are relative to the run folder, times are wall seconds. */
export type TrialEntry = z.infer<typeof trial>;

/**
 * Reads `run.json` of a run folder. Keys it does not know are kept and ignored.
 *
 * @throws {LabError} If the file is missing, is not JSON, or breaks the format; names the field.
 */
export async function readRunFile(runFolder: string): Promise<RunFile> {
  const path = join(runFolder, "run.json");
  let content: string;
  try {
    content = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw error;
    }
    throw new LabError(
      `Cannot read run "${runFolder}": it has no run.json`,
      "Name a folder that a run has written, such as reports/<run>.",
    );
  }
  const parsed = runFile.safeParse(parseJson(content, path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new LabError(
      `Cannot read "${path}": field "${issue?.path.join(".")}" is wrong: ${issue?.message}`,
      "The file is not one this version has written. Repeat the run.",
    );
  }
  refuseStrayNames(parsed.data, path);
  return parsed.data;
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new LabError(
      `Cannot read "${path}": it is not JSON (${(error as Error).message})`,
      "The file is damaged. Repeat the run.",
    );
  }
}

/** A run folder may come from someone else: it names each trial once and stays inside itself. */
function refuseStrayNames(run: RunFile, path: string): void {
  const seen = new Set<string>();
  for (const { id, records } of run.trials) {
    if (seen.has(id)) throw new LabError(`Cannot read "${path}": trial "${id}" stands there twice`);
    seen.add(id);
    if (records.startsWith("/") || records.split(/[\\/]/).includes("..")) {
      throw new LabError(
        `Cannot read "${path}": records "${records}" of trial "${id}" lie outside the run folder`,
      );
    }
  }
}
