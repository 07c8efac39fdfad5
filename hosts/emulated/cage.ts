// SPDX-License-Identifier: Apache-2.0
/**
 * Where emulators run, the lab's own and those of packs: see cage.sh. What executes guests, and
 * programs from elsewhere, sees no file but its own, no network and no other process.
 */
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import { run } from "../../base/process.ts";
import { runsAsRoot } from "../../base/who.ts";

const script = join(import.meta.dirname!, "cage.sh");

const probeLimit_s = 30;

const mib = 2 ** 20;

/** What a program may see. */
export interface Cage {
  /** It may write here; files in it belong to nobody afterwards, where root has started it. */
  folder: string;
  /** Files and folders that it may read. */
  files: readonly string[];
  limits: Limits;
}

/** What a program may take, and each process that it starts. One that takes more is refused it, or ended. */
export interface Limits {
  /** Of addresses, whether or not there is memory behind them. */
  addresses_mib: number;
  /** Of each file that it writes. */
  file_mib: number;
  /** Of processor time. */
  cpu_s: number;
}

/** A program and its arguments, as run() takes them. */
export type Command = [program: string, args: string[]];

let answer: Promise<boolean> | undefined;

/** Whether this machine has namespaces for the likes of us. Asked once. */
export function hasCage(): Promise<boolean> {
  answer ??= run("sh", [script, "probe"], {
    purpose: "see whether this machine has namespaces",
    timeLimit_s: probeLimit_s,
  }).then(() => true, () => false);
  return answer;
}

/** Said once, where the machine has no namespaces. */
export const noCage =
  "This machine has no namespaces: the emulator runs without privileges, but can " +
  "see the files that you can, and the network";

/**
 * How a program is called so that it runs in a cage; without privileges where there can be none. Its limits
 * hold in both cases.
 */
export async function caged(
  program: string,
  args: readonly string[],
  cage: Cage,
): Promise<Command> {
  const { addresses_mib, file_mib, cpu_s } = cage.limits;
  const limits = [
    `--as=${Math.ceil(addresses_mib) * mib}`,
    `--fsize=${Math.ceil(file_mib) * mib}`,
    ...[`--cpu=${cpu_s}`, "--core=0"],
  ];
  const [shell, words] = await inCage(program, args, cage);
  return ["prlimit", [...limits, "--", shell, ...words]];
}

async function inCage(
  program: string,
  args: readonly string[],
  cage: Cage,
): Promise<Command> {
  if (!await hasCage()) return ["sh", [script, "bare", program, ...args]];
  const inFolder = `${cage.folder}/`;
  const files = [...new Set([program, ...cage.files])].filter((path) => !path.startsWith(inFolder));
  return ["sh", [script, "enter", cage.folder, ...files, "--", program, ...args]];
}

/**
 * Programs from elsewhere are not run by root where nothing holds them.
 *
 * @param probe whether there are namespaces
 * @throws {LabError} where root would run them with its files and the network.
 */
export async function requireCageFor(
  what: string,
  probe = hasCage,
  isRoot = runsAsRoot,
): Promise<"caged" | "bare"> {
  if (await probe()) return "caged";
  if (!await isRoot()) return "bare";
  throw new LabError(
    `Cannot run ${what} as root: this machine has no namespaces to keep them in`,
    "Run the lab as an ordinary user, or use --own-emulator",
  );
}
