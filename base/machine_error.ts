// SPDX-License-Identifier: Apache-2.0
/** What the system refuses in the midst of work is no fault of the lab's: a sentence will do. */
import { LabError, NoRoom } from "./errors.ts";

/** What an error of the system means, and what can be done about it. */
interface Obstacle {
  /** Its number, which Deno's own errors name; errors of node's modules have the name. */
  number: number;
  means: string;
  next: string;
}

const freeSpace = "Free some space; what was measured is kept";
const owners = "See who owns the cache and reports/, and what they may be used for";
const otherPath = "Name another path";

/** By the names of errno(3), on Linux for x86-64. */
const obstacles: Readonly<Record<string, Obstacle>> = {
  EPERM: { number: 1, means: "that is not permitted", next: owners },
  ENOENT: { number: 2, means: "there is no such file or folder", next: "See whether it was moved" },
  EIO: { number: 5, means: "the disk cannot be read or written", next: "See what dmesg(1) says" },
  ENXIO: { number: 6, means: "there is no such device", next: otherPath },
  EAGAIN: {
    number: 11,
    means: "there are too many processes",
    next: "End some, or raise `ulimit -u`",
  },
  ENOMEM: { number: 12, means: "there is no memory left", next: "End other programs" },
  EACCES: { number: 13, means: "permission is denied", next: owners },
  EBUSY: { number: 16, means: "something else uses it", next: "Wait until it does no more" },
  EEXIST: { number: 17, means: "there is something of that name already", next: "Move it away" },
  EXDEV: {
    number: 18,
    means: "a file cannot be moved to another file system",
    next: "Have reports/RUN, and each folder of the cache, on one file system as a whole",
  },
  ENODEV: { number: 19, means: "there is no such device", next: otherPath },
  ENOTDIR: { number: 20, means: "a part of the path is no folder", next: otherPath },
  EISDIR: { number: 21, means: "it is a folder, not a file", next: "Move the folder away" },
  ENFILE: {
    number: 23,
    means: "the system has too many open files",
    next: "End other programs, or raise fs.file-max",
  },
  EMFILE: {
    number: 24,
    means: "the lab has too many open files",
    next: "Raise the limit: ulimit -n 1024",
  },
  ETXTBSY: { number: 26, means: "it is a program that runs", next: "Wait until it has ended" },
  EFBIG: {
    number: 27,
    means: "a file would be larger than is allowed",
    next: "Raise the limit: ulimit -f unlimited",
  },
  ENOSPC: { number: 28, means: "no space is left on the disk", next: freeSpace },
  EROFS: {
    number: 30,
    means: "the file system can only be read",
    next: "Use a checkout, or a cache (XDG_CACHE_HOME), that can be written to",
  },
  EPIPE: { number: 32, means: "whoever read the output has ended", next: "Call it again" },
  ENAMETOOLONG: { number: 36, means: "a name is too long", next: "Use a shorter name or path" },
  ENOTEMPTY: {
    number: 39,
    means: "the folder is not empty",
    next: "See who else writes into it",
  },
  ELOOP: { number: 40, means: "links lead in a circle", next: "Remove the links" },
  ESTALE: { number: 116, means: "a network's file system has lost it", next: "Mount it anew" },
  EDQUOT: { number: 122, means: "your quota of the disk is used up", next: freeSpace },
};

const full: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** Of errors that come without a number. */
const byClass: readonly [type: abstract new (...args: never[]) => Error, name: string][] = [
  [Deno.errors.NotFound, "ENOENT"],
  [Deno.errors.PermissionDenied, "EACCES"],
  [Deno.errors.AlreadyExists, "EEXIST"],
  [Deno.errors.NotADirectory, "ENOTDIR"],
  [Deno.errors.IsADirectory, "EISDIR"],
  [Deno.errors.FilesystemLoop, "ELOOP"],
  [Deno.errors.Busy, "EBUSY"],
  [Deno.errors.BrokenPipe, "EPIPE"],
];

/** The name of a system's error; nothing if it is none that is known here. */
function nameOf(error: Error & { code?: unknown }): string | undefined {
  const [, number] = /\(os error (\d+)\)/.exec(error.message) ?? [];
  if (number !== undefined) {
    return Object.keys(obstacles).find((name) => obstacles[name]!.number === Number(number));
  }
  if (typeof error.code === "string" && Object.hasOwn(obstacles, error.code)) return error.code;
  return byClass.find(([type]) => error instanceof type)?.[1];
}

/** Whether a disk, a quota or a limit on files is exhausted. */
export function isFull(error: unknown): error is Error {
  return error instanceof Error && full.includes(nameOf(error) ?? "");
}

/** In words, why something could not be done: the end of a sentence. */
export function reasonOf(error: Error): string {
  const name = nameOf(error);
  return name === undefined ? error.message : obstacles[name]!.means;
}

/** The sentence for an error, or for the first of several that has one; nothing for other errors. */
export function machineError(error: unknown): LabError | undefined {
  if (error instanceof LabError) return error;
  if (error instanceof AggregateError) {
    return error.errors.map(machineError).find((one) => one !== undefined);
  }
  if (!(error instanceof Error)) return undefined;
  if (error instanceof Deno.errors.NotCapable) return notCapable(error);
  const name = nameOf(error);
  if (name === undefined) return undefined;
  const { means, next } = obstacles[name]!;
  const type = full.includes(name) ? NoRoom : LabError;
  return new type(`Cannot ${attemptOf(error.message)}: ${means}`, next, { cause: error });
}

/** "open "/a/b"", as both Deno and node end their messages; "go on" where they do not. */
function attemptOf(message: string): string {
  const [, call, from, to] = /[:,] (\w+) '([^']*)'(?: -> '([^']*)')?$/.exec(message) ?? [];
  if (call === undefined) return "go on";
  const verb = call.replace(/file$/, "");
  return to === undefined ? `${verb} "${from}"` : `${verb} "${from}" to "${to}"`;
}

/** Deno's own permissions: what a verb may do is written in its table. */
function notCapable({ message, cause }: Error): LabError {
  const [, access, what] = /Requires (\w+) access to "?([^",]*)/.exec(message) ?? [];
  const attempt = access === undefined ? "go on" : `${access} ${what}`;
  return new LabError(
    `Cannot ${attempt}: ${message}`.replace(/, run again with the --allow-\S+ flag/, ""),
    "The lab writes into its cache and into reports/ of its own checkout alone, and opens no devices",
    { cause },
  );
}
