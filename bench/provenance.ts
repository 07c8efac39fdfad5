// SPDX-License-Identifier: Apache-2.0
/** Where a run was made: enough to judge it, nothing about who made it. */
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { describeMachine } from "../store/machine.ts";
import { run } from "../base/process.ts";
import type { RunFile } from "../contract/run_file.ts";
import project from "../deno.json" with { type: "json" };

const root = join(import.meta.dirname!, "..");

/** The commit that this lab is, or nothing outside a git checkout. */
export async function gitRevision(): Promise<{ revision: string; clean: boolean } | null> {
  const revision = await git("rev-parse", "HEAD");
  const changes = await git("status", "--porcelain");
  if (revision === null || changes === null) return null;
  return { revision: revision.trim(), clean: changes.trim() === "" };
}

/** What trials are made from: a change elsewhere cannot move a result. */
const sourceFolders = [
  "agent",
  "base",
  "bench",
  "contract",
  "debian",
  "emulator",
  "experiments",
  "guest",
  "hosts",
  "images",
  "kernel",
  "workloads",
];

/**
 * One line for each commit since a revision that can have moved results, the newest first, or nothing
 * where git does not know.
 */
export async function commitsSince(revision: string): Promise<string[] | null> {
  const log = await git("log", "--oneline", `${revision}..HEAD`, "--", ...sourceFolders);
  return log === null ? null : log.split("\n").filter((line) => line !== "");
}

/** What git says, or nothing where it cannot. */
async function git(...args: string[]): Promise<string | null> {
  try {
    const { stdout } = await run("git", ["-C", root, ...args], {
      purpose: "ask git for the revision",
      timeLimit_s: 30,
    });
    return stdout;
  } catch (error) {
    if (error instanceof LabError) return null;
    throw error;
  }
}

/** The command as it was given, of files only their names: a path may hold a person's, an address does. */
export function publicCommand(args: readonly string[]): string[] {
  return args.map((arg) =>
    /(^|=)ssh:\/\//.test(arg)
      ? arg.replace(/ssh:.*/, "ssh://...")
      : arg.includes("/")
      ? arg.slice(arg.lastIndexOf("/") + 1)
      : arg
  );
}

/** Versions of what carries the run out, besides its inputs. */
export function versions(): Record<string, string> {
  return { lab: project.version, deno: Deno.version.deno };
}

/** Who made a run and where: only recorded when that is asked for. */
export async function names(): Promise<NonNullable<RunFile["names"]>> {
  const { stdout } = await run("id", ["-un"], { purpose: "find the user's name", timeLimit_s: 10 });
  return { user: stdout.trim(), machine: Deno.hostname(), folder: join(root, ".") };
}

/** Processor, cores, memory and system. Not the machine's name. */
export async function describeRunMachine(): Promise<Record<string, string | number>> {
  const { arch, system, kernel, cores, memory_mib, cpu } = await describeMachine();
  return { cpu, arch, cores, memory_mib, system, kernel };
}
