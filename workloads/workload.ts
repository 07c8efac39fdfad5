// SPDX-License-Identifier: Apache-2.0
/**
 * What a workload is: a folder here with `workload.ts`, which describes it, and C files, which do
 * it inside the guest. Adding a folder adds a workload; nothing else has to change.
 */
import { join } from "@std/path";
import type { LockedDeb } from "../debian/debian.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { nearestWord } from "../base/nearest_word.ts";

/** A whole number that the guest's code reads with `param(name, ...)`. */
export interface Parameter {
  description: string;
  /** "pages", "permille", "files"... */
  unit: string;
  minimum: number;
  maximum: number;
  default: number;
}

/** Real files for the guest's disk, from locked Debian packages. */
export interface Disk {
  packages: readonly LockedDeb[];
  /** A file is taken if its path (without a leading slash) matches. */
  include: RegExp;
}

export interface Workload {
  /** One line for lists. */
  title: string;
  /** What in the real world it stands for. */
  standsFor: string;
  /** What must not be read into it. */
  doesNotStandFor: string;
  /** Known properties of its own making that show in the numbers. */
  artefacts: string;
  /** It can also run as plain processes of the host: it takes memory by memory_private() and such. */
  processes?: boolean;
  parameters: Readonly<Record<string, Parameter>>;
  disk?: Disk;
}

/** A workload with the name of its folder and the folder itself. */
export interface NamedWorkload extends Workload {
  name: string;
  dir: string;
}

const here = import.meta.dirname!;

/** The names of all workloads, in order. */
export async function workloadNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(here)) {
    if (entry.isDirectory && await exists(join(here, entry.name, "workload.ts"))) {
      names.push(entry.name);
    }
  }
  return names.sort();
}

/**
 * @throws {LabError} when there is no such workload; names those that there are.
 */
export async function workloadByName(name: string): Promise<NamedWorkload> {
  const names = await workloadNames();
  if (!names.includes(name)) {
    const near = nearestWord(name, names);
    throw new LabError(
      `Cannot use the workload "${name}": there is none of that name`,
      near === undefined ? `Workloads: ${names.join(", ")}` : `Did you mean "${near}"?`,
    );
  }
  const dir = join(here, name);
  const module = await import(`file://${dir}/workload.ts`) as { default: Workload };
  return { ...module.default, name, dir };
}
