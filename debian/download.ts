// SPDX-License-Identifier: Apache-2.0
/**
 * Downloads by content: files whose sizes and digests are known beforehand, from whoever has them. No
 * signature is needed, nor anything of Debian's: curl(1) or wget(1) fetches, and what comes is held
 * against its digest. Several go on side by side, and one that was cut off goes on where it ended.
 */
import { join } from "@std/path";
import { sha256OfFile } from "../base/digest.ts";
import { LabError, NoRoom } from "../base/errors.ts";
import { exists, removeIfThere } from "../base/files.ts";
import { Interrupted } from "../base/interruption.ts";
import { isHere, run } from "../base/process.ts";
import type { Report } from "../base/report.ts";
import type { LockedFile } from "./locked_files.ts";

/** A file that is wanted, and where it may be had. */
export interface Wanted {
  file: LockedFile;
  /** Whole addresses, in the order in which they are tried. */
  addresses: readonly string[];
}

/** So many at a time: more make a mirror slow for all. */
const sideBySide = 4;
const downloadLimit_s = 1800;
/** How often it is said how far a download of many files has come. */
const progress_ms = 5000;
const mib = 2 ** 20;

/** Programs that fetch, and how each is told where from and where to; it goes on with what is there. */
const clients: Readonly<Record<string, (address: string, to: string) => string[]>> = {
  curl: (address, to) => [
    ...["--fail", "--silent", "--show-error", "--location", "--retry", "2"],
    ...["--proto", "=http,https,file", "--connect-timeout", "30"],
    /* A mirror that has gone to sleep is left: a byte a second would keep it awake for ever. */
    ...["--speed-limit", "1000", "--speed-time", "60"],
    ...["--continue-at", "-", "--output", to, "--", address],
  ],
  /* Not quiet, so that it says why it fails. */
  wget: (address, to) => ["-nv", "-c", "-T", "60", "-t", "3", "-O", to, address],
};

/**
 * Fetches files into a folder, whole and sound or not at all. What was cut off stays beside them for the
 * next time.
 *
 * @returns why each file that is not there now could not be had, by its name.
 * @throws {LabError} when there is no program to fetch with, {@linkcode NoRoom} when the disk is full.
 */
export async function download(
  wanted: readonly Wanted[],
  dir: string,
  report: Report,
  clientOf = clientHere,
): Promise<Map<string, string>> {
  const client = await clientOf();
  const failures = new Map<string, string>();
  const waiting = [...wanted];
  const all_bytes = wanted.reduce((sum, { file }) => sum + file.size, 0);
  const say = setInterval(async () => {
    const sizes = await Promise.all(wanted.map(({ file }) => sizeSoFar(dir, file.name)));
    const there_bytes = sizes.reduce((sum, size) => sum + size, 0);
    report(`fetching: ${inMiB(there_bytes)} of ${inMiB(all_bytes)} MiB`);
  }, progress_ms);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const reason = await fetchOne(client, next, dir);
      if (reason !== undefined) failures.set(next.file.name, reason);
    }
  };
  try {
    await Promise.all(Array.from({ length: sideBySide }, work));
  } finally {
    clearInterval(say);
  }
  return failures;
}

function inMiB(bytes: number): number {
  return Math.round(bytes / mib);
}

async function sizeSoFar(dir: string, name: string): Promise<number> {
  for (const path of [join(dir, name), draftOf(dir, name)]) {
    try {
      return (await Deno.stat(path)).size;
    } catch {
      // Not there yet, or renamed just now.
    }
  }
  return 0;
}

function draftOf(dir: string, name: string): string {
  return join(dir, `${name}.part`);
}

async function fetchOne(
  client: string,
  { file, addresses }: Wanted,
  dir: string,
): Promise<string | undefined> {
  const reasons: string[] = [];
  for (const address of addresses) {
    const reason = await fetchFrom(client, address, file, dir);
    if (reason === undefined) return undefined;
    reasons.push(`${address} ${reason}`);
  }
  return reasons.length === 0 ? "no mirror is named that could have it" : reasons.join("; ");
}

/** What went wrong, or nothing. What was left of another attempt may be of another file: then once more. */
async function fetchFrom(
  client: string,
  address: string,
  file: LockedFile,
  dir: string,
): Promise<string | undefined> {
  const draft = draftOf(dir, file.name);
  const resumed = await exists(draft);
  const said = await runClient(client, address, draft, file);
  const damage = said ?? await damageOf(draft, file);
  if (damage === undefined) {
    await Deno.rename(draft, join(dir, file.name));
    return undefined;
  }
  /* A line that breaks off leaves a part to go on from; everything else is of no use. */
  if (said === undefined || resumed || await isEmpty(draft)) await removeIfThere(draft);
  return resumed ? await fetchFrom(client, address, file, dir) : damage;
}

/** wget(1) makes the file before it knows whether there is one to be had. */
async function isEmpty(path: string): Promise<boolean> {
  return await exists(path) && (await Deno.stat(path)).size === 0;
}

/** What the program said when it failed, or nothing. */
async function runClient(
  client: string,
  address: string,
  draft: string,
  file: LockedFile,
): Promise<string | undefined> {
  if (await exists(draft) && (await Deno.stat(draft)).size >= file.size) return undefined;
  try {
    await run(client, clients[client]!(address, draft), {
      purpose: `download ${file.name}`,
      timeLimit_s: downloadLimit_s,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof LabError) || error instanceof Interrupted || error instanceof NoRoom) {
      throw error;
    }
    const { message } = error;
    if (/No space left|Disk quota|write error|Failure writing output/i.test(message)) {
      throw new NoRoom(
        `Cannot download ${file.name}: the disk is full`,
        "Free some space; XDG_CACHE_HOME can point the cache to a larger disk",
      );
    }
    const last = message.split("\n").findLast((line) => line.startsWith("  | "));
    return `cannot be had (${last?.slice("  | ".length) ?? `${client} failed`})`;
  }
}

/** What is wrong with what came, in words, or nothing. */
async function damageOf(draft: string, { size, sha256 }: LockedFile): Promise<string | undefined> {
  if (!await exists(draft)) return "gave nothing";
  const bytes = (await Deno.stat(draft)).size;
  const short = bytes < size ? ", as if it was cut off" : "";
  if (await isPage(draft)) return "answered with a web page instead of the file";
  if (bytes !== size) return `gave ${bytes} bytes, and the lock says ${size}${short}`;
  if (await sha256OfFile(draft) !== sha256) return "gave other content than the lock says (sha256)";
  return undefined;
}

/** Whoever stands between a machine and its mirror often answers with a page to log in. */
async function isPage(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const start = new Uint8Array(256);
  const count = await file.read(start) ?? 0;
  return /^\s*<(!doctype|html|\?xml)/i.test(new TextDecoder().decode(start.subarray(0, count)));
}

/** curl(1), or else wget(1). */
async function clientHere(): Promise<string> {
  for (const client of Object.keys(clients)) if (await isHere(client)) return client;
  throw new LabError(
    "Cannot download anything: this machine has neither curl nor wget",
    "Install one of them, or bring built parts along: ./lab bundle import FILE",
  );
}
