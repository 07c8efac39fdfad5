// SPDX-License-Identifier: Apache-2.0
/**
 * Finished trials, kept in the cache by their identity. A trial in exact mode gives the same bytes
 * each time, so that a run may take one from here instead of carrying it out again. The cache is
 * the place, not the folders of runs: it is found by identity at once, all clones of a person share
 * it, and a report that is deleted or edited neither takes a trial away nor puts a false one here.
 */
import { join } from "@std/path";
import { z } from "zod";
import { cached, cacheRoot, findCached } from "../store/cache.ts";
import { sha256 } from "../base/digest.ts";
import { exists, removeIfThere, withLock } from "../base/files.ts";
import type { Report } from "../base/report.ts";
import { firstDifference } from "../contract/record_difference.ts";
import { readClosedRecords, writeRecords } from "./records.ts";

const originSchema = z.object({
  /** The run that carried it out. */
  run: z.string(),
  finished: z.string(),
  wall_s: z.number().nullable(),
  phases_wall_s: z.record(z.string(), z.number()),
  instructions: z.number().nullable(),
});

/** Where and how a stored trial came to be. */
export type Origin = z.infer<typeof originSchema>;

export interface StoredTrial {
  records: Uint8Array;
  /** Digest of the records. */
  digest: string;
  origin: Origin;
}

const kind = "trial";
const recordsName = "records.jsonl";
const originName = "origin.json";
const room_mib = 20;

function optionsFor(id: string, report: Report) {
  const again = "the trial is carried out again";
  return { what: `the trial ${id}`, needs_mib: room_mib, report, again };
}

/**
 * The trial of an identity, if there is one and it is sound. A damaged one is named and counts as
 * absent.
 */
export async function findTrial(
  trial: { id: string; identity: string },
  report: Report,
): Promise<StoredTrial | undefined> {
  if (!await exists(join(cacheRoot(), kind, trial.identity))) return undefined;
  return await alone(trial, () => readTrial(trial, report));
}

/** Nobody else reads or replaces the same trial meanwhile. */
function alone<T>({ identity }: { identity: string }, work: () => Promise<T>): Promise<T> {
  return withLock(join(cacheRoot(), "locks", `keep-${kind}-${identity}`), work);
}

async function readTrial(
  { id, identity }: { id: string; identity: string },
  report: Report,
): Promise<StoredTrial | undefined> {
  const entry = await findCached(kind, identity, optionsFor(id, report));
  if (entry === undefined) return undefined;
  const records = await readClosedRecords(join(entry.dir, recordsName));
  if (records === undefined) {
    report(`${entry.dir} holds no finished trial: ${id} is carried out again`, "warning");
    return undefined;
  }
  const origin = await readOrigin(join(entry.dir, originName));
  if (origin === undefined) {
    report(`${entry.dir} does not say where it is from: ${id} is carried out again`, "warning");
    return undefined;
  }
  return { records, digest: sha256(records), origin };
}

/** Whether there is a trial of an identity, sound or not: for who only wants to know what is to be done. */
export async function isStored(identity: string): Promise<boolean> {
  return await exists(join(cacheRoot(), kind, identity));
}

/** Nothing where the file is not as the lab writes it. */
async function readOrigin(path: string): Promise<Origin | undefined> {
  try {
    return originSchema.safeParse(JSON.parse(await Deno.readTextFile(path))).data;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Keeps a finished trial, in place of an earlier one: the run that measured it last is the one that
 * is sure to know it again.
 *
 * @returns what differs, in words, when the same identity has given other records before: that
 * must not be, so neither is kept.
 */
export function keepTrial(
  trial: { id: string; identity: string },
  records: Uint8Array,
  origin: Origin,
  report: Report,
): Promise<string | undefined> {
  return alone(trial, () => replaceTrial(trial, records, origin, report));
}

async function replaceTrial(
  trial: { id: string; identity: string },
  records: Uint8Array,
  origin: Origin,
  report: Report,
): Promise<string | undefined> {
  const options = optionsFor(trial.id, report);
  const there = await findCached(kind, trial.identity, options);
  const before = there && await readClosedRecords(join(there.dir, recordsName));
  if (there !== undefined) await removeIfThere(there.dir);
  if (before !== undefined) {
    const [old, now] = [before, records].map((bytes) => new TextDecoder().decode(bytes));
    const difference = firstDifference(old!, now!);
    if (difference !== undefined) return difference;
  }
  await cached(kind, trial.identity, async (dir) => {
    await writeRecords(join(dir, recordsName), records, true);
    await Deno.writeTextFile(join(dir, originName), JSON.stringify(origin, null, 1) + "\n");
  }, options);
  return undefined;
}
