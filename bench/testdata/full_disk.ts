// SPDX-License-Identifier: Apache-2.0
/**
 * Does one thing on a disk that fills up at just that write, then again with room, and prints what came
 * of it. `disk` and the cache below `cache` are small file systems of their own.
 */
import { join } from "@std/path";
import { writeReport } from "../../analysis/mod.ts";
import { LabError, NoRoom } from "../../base/errors.ts";
import { keepRoom } from "../../base/room.ts";
import { cached, scratchRoot } from "../../store/cache.ts";
import { madeUpRun } from "../../contract/testdata/run_file.ts";
import { FakeHost } from "../../hosts/fake.ts";
import { sharedFleet } from "../../hosts/fleets/shared.ts";
import { plan } from "../plan.ts";
import { remainingTrials } from "../resume.ts";
import { reuseTrials } from "../reuse.ts";
import { holdRun, RunFolder, waitingEntry } from "../run_folder.ts";
import { schedule } from "../schedule.ts";
import { experimentOf, finish, inputs } from "./run.ts";

const [what = "", disk = "", cache = ""] = Deno.args;
const pageBytes = 4096;

/** Fills a disk but for so many pages. */
function fill(folder: string, sparedPages = 0): void {
  const page = new Uint8Array(pageBytes);
  const spared = join(folder, "spared");
  if (sparedPages > 0) Deno.writeFileSync(spared, new Uint8Array(sparedPages * pageBytes));
  using file = Deno.openSync(join(folder, "filler"), { write: true, create: true });
  try {
    for (;;) file.writeSync(page);
  } catch {
    if (sparedPages > 0) Deno.removeSync(spared);
  }
}

const free = (folder: string) => Deno.removeSync(join(folder, "filler"));

const said: string[] = [];

/** What was thrown, which has to be that there is no room. */
async function refused(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof NoRoom) return error.message;
    throw new Error(`another error than that of a full disk: ${error}`);
  }
  throw new Error("the disk was not full");
}

const experiment = await experimentOf(1);
const trials = plan(experiment, () => ({ kernel: "k" }));
const record = () =>
  madeUpRun({
    ...{ run: "pair-2", experiment, command: ["run"], inputs, trials: trials.map(waitingEntry) },
    finished: null,
  });
const dir = join(disk, "pair-2");

/** Carries out what waits; what happens while the first trial goes on is given. */
async function carryOut(folder: RunFolder, meanwhile: () => void = () => {}): Promise<number> {
  const remaining = await remainingTrials(folder, trials, inputs, (line) => said.push(line));
  const left = await reuseTrials(folder, remaining, (line) => said.push(line));
  let first = true;
  const host = new FakeHost({
    script: () => {
      if (first) meanwhile();
      first = false;
      return "done";
    },
  });
  const display = { say: (line: string) => void said.push(line), draw: () => {}, close: () => {} };
  await schedule(left, folder, {
    ...{ fleet: sharedFleet(host, 1), display, signal: new AbortController().signal },
    onEnded: () => Promise.resolve(),
  });
  return host.begun.length;
}

const statuses = async () => (await RunFolder.open(dir)).record.trials.map(({ status }) => status);

/** A run whose disk fills up within its first trial, but for so many pages. */
async function fillWithin(sparedPages: number): Promise<unknown> {
  const message = await refused(async () =>
    await carryOut(await RunFolder.create(record(), dir), () => fill(disk, sparedPages))
  );
  const then = await statuses();
  free(disk);
  const begunAgain = await carryOut(await RunFolder.open(dir));
  return { message, then, begunAgain, end: await statuses() };
}

const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  records: () => fillWithin(0),
  /* The records take a page, the line another. */
  "ended.jsonl": () => fillWithin(1),
  async "the first run.json"() {
    fill(disk);
    return { message: await refused(() => RunFolder.create(record(), dir)) };
  },
  async "the store of trials"() {
    await carryOut(await RunFolder.create(record(), dir), () => fill(cache));
    return { message: said.find((line) => line.startsWith("Warning")), end: await statuses() };
  },
  async "a cache entry"() {
    const build = (draft: string) =>
      Deno.writeFile(join(draft, "thing"), new Uint8Array(2 * pageBytes));
    const options = { what: "the thing", needs_mib: 0, report: () => {} };
    await cached("thing", "before", build, options);
    fill(cache, 1);
    const message = await refused(() => cached("thing", "d", build, options));
    free(cache);
    const left = await Array.fromAsync(Deno.readDir(scratchRoot()), ({ name }) => name);
    return { message, left, built: (await cached("thing", "d", build, options)).built };
  },
  async report() {
    const folder = await RunFolder.create(record(), dir);
    for (const trial of trials) await finish(folder, trial);
    await folder.finish(new Date(0));
    fill(disk, 20);
    const message = await refused(() => writeReport(dir));
    free(disk);
    return { message, index: (await writeReport(dir)).index.startsWith(dir) };
  },
  async lock() {
    const folder = await RunFolder.create(record(), dir);
    fill(disk);
    const message = await refused(() => holdRun(dir, "report"));
    const left = (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
    free(disk);
    await using _held = await holdRun(folder.dir, "report");
    return { message, left };
  },
  async "room for a trial's output"() {
    const path = join(disk, "output");
    const message = await refused(() => keepRoom(path, 128 * 2 ** 20));
    await Deno.remove(path);
    await keepRoom(path, 2 ** 20);
    fill(disk);
    /* What is kept can be written to although the disk is full. */
    using file = await Deno.open(path, { write: true });
    const bytes = new Uint8Array(2 ** 20).fill(1);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    return { message, size: (await Deno.stat(path)).size };
  },
};

try {
  console.log(JSON.stringify(await cases[what]!()));
} catch (error) {
  console.error(error instanceof LabError ? `${error.message}\n${error.next}` : error);
  Deno.exit(1);
}
