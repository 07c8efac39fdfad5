// SPDX-License-Identifier: Apache-2.0
/**
 * A file that says who holds something, for as long as it is held: a second one is told, rather than
 * kept waiting. The kernel lets go of the lock when its holder dies, whichever way, so that a file that
 * was left behind keeps nobody out. It need not be written to, so that it can be another user's.
 */
import { delay } from "@std/async";
import { LabError } from "./errors.ts";
import { requireFile } from "./regular_file.ts";
import { writing } from "./full_disk.ts";

/** What the file says. */
interface Holder {
  pid: number;
  /** What it does: the words after "lab". */
  verb: string;
  /** ISO 8601. */
  since: string;
}

/** Whoever looks whether a file was left behind holds it for a moment; and writes it after it is there. */
const looks = 10;
const betweenLooks_ms = 20;

/**
 * Holds something, which is let go when the result is disposed of.
 *
 * @param path of the file, which is there only as long as it is held
 * @param verb what the holder does
 * @param purpose for the error: "write to reports/RUN"
 * @throws {LabError} when somebody else holds it; names process, verb and time.
 */
export async function hold(path: string, verb: string, purpose: string): Promise<AsyncDisposable> {
  for (let look = 1;; look++) {
    const file = await create(path, verb) ?? await takeLeftOver(path);
    if (file === "left over") continue;
    if (file !== undefined) return { [Symbol.asyncDispose]: () => letGo(path, file) };
    if (look === looks) throw new LabError(...await refusal(path, purpose));
    await delay(betweenLooks_ms);
  }
}

/** The file, locked, where there was none; nothing where there is one, or it was taken at once. */
async function create(path: string, verb: string): Promise<Deno.FsFile | undefined> {
  let file: Deno.FsFile;
  try {
    file = await writing(path, () => Deno.open(path, { write: true, createNew: true }));
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
  try {
    if (!await lockAt(path, file)) return undefined;
    const holder: Holder = { pid: Deno.pid, verb, since: new Date().toISOString() };
    const text = new TextEncoder().encode(`${JSON.stringify(holder)}\n`);
    await writing(path, () => file.write(text));
    return file;
  } catch (error) {
    await letGo(path, file);
    throw error;
  }
}

/** Removes a file whose holder is dead; nothing where it lives. */
async function takeLeftOver(path: string): Promise<"left over" | undefined> {
  let file: Deno.FsFile;
  try {
    await requireFile(path);
    file = await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "left over";
    throw error;
  }
  using _ = file;
  if (!await file.tryLock(true)) return undefined;
  if (await isAt(path, file)) await Deno.remove(path);
  return "left over";
}

/** @returns whether the lock is ours, and on the file that others will find. */
async function lockAt(path: string, file: Deno.FsFile): Promise<boolean> {
  if (await file.tryLock(true) && await isAt(path, file)) return true;
  file.close();
  return false;
}

async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [there, own] = await Promise.all([Deno.stat(path).catch(() => undefined), file.stat()]);
  return there !== undefined && there.ino === own.ino && there.dev === own.dev;
}

/** Removed before it is unlocked: who opens it in between finds that it is not there any more. */
async function letGo(path: string, file: Deno.FsFile): Promise<void> {
  await Deno.remove(path).catch(() => {});
  file.close();
}

async function refusal(path: string, purpose: string): Promise<[message: string, next: string]> {
  const holder = await readHolder(path);
  if (holder === undefined) {
    return [
      `Cannot ${purpose}: another lab process is at it`,
      "Wait until it has ended",
    ];
  }
  const { pid, verb, since } = holder;
  const time = since.slice(0, 19).replace("T", " ");
  return [
    `Cannot ${purpose}: \`lab ${verb}\` (process ${pid}) has been at it since ${time} UTC`,
    `Wait until it has ended, or end it: kill ${pid}`,
  ];
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { pid, verb, since } = JSON.parse(await Deno.readTextFile(path));
    const words = [verb, since].every((word) => /^[\w .:-]+$/.test(word));
    return Number.isSafeInteger(pid) && words ? { pid, verb, since } : undefined;
  } catch {
    return undefined; // It has been let go just now, or was not written yet.
  }
}
