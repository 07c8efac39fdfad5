// SPDX-License-Identifier: Apache-2.0
import { basename } from "@std/path";
import { sha256 } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { requireFile } from "../base/regular_file.ts";
import { writeOutsideRun } from "../bench/outside_run.ts";
import { formNamed } from "../imports/forms.ts";
import { mostBytes, readSource, type Source } from "../imports/read.ts";
import { recordsOf } from "../imports/records.ts";
import { sayOutside } from "./outside.ts";

export interface ImportRequest {
  files: readonly string[];
  /** What the run's name begins with. */
  name: string;
  page_bytes: number;
  /** Time between readings that do not say when, s. */
  every_s?: number | undefined;
  /** Memory that a pass is said for, GiB. */
  over_gib: number;
  json: boolean;
}

/**
 * `lab import FILE...`: a run of what the files say, which nobody here has measured.
 *
 * @throws {LabError} if a file cannot be read; then nothing is written.
 */
export async function importFiles(request: ImportRequest): Promise<number> {
  const { name, page_bytes, every_s, over_gib, json } = request;
  const started = new Date();
  const read = new Map<string, { source: Source; digest: string }>();
  for (const file of request.files) {
    const short = basename(file);
    if (read.has(short)) {
      throw new LabError(
        `Cannot import ${short} twice: files are told apart by their names`,
        "Rename one",
      );
    }
    const bytes = await bytesOf(file);
    read.set(short, {
      source: readSource(short, bytes, { every_s, over_gib }),
      digest: sha256(bytes),
    });
  }
  const sources = [...read.values()].map(({ source }) => source);
  const { records, settings } = recordsOf(sources, { page_bytes, every_s });
  const folder = await writeOutsideRun({
    ...{ name, mode: "imported", host: "imported", records, settings, started, machine: {} },
    title: `Imported: ${[...new Set(sources.map(({ form }) => formNamed(form).title))].join(", ")}`,
    question: "What do these numbers say?",
    inputs: Object.fromEntries(
      [...read].map(([file, { source, digest }]) => [file, { digest, version: source.form }]),
    ),
    command: ["import", ...request.files, "--over", String(over_gib)],
  });
  return await sayOutside(folder, json);
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    await requireFile(file);
    const { size } = await Deno.stat(file);
    if (size > mostBytes) {
      throw new LabError(
        `Cannot import ${file}: it has ${
          Math.round(size / 2 ** 20)
        } MiB, and no dump or log is larger than ` +
          `${mostBytes / 2 ** 20} MiB`,
        "Import a part of it, or a summary: perf kvm stat report",
      );
    }
    return await Deno.readFile(file);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Deno.errors.PermissionDenied
      ? "it may not be read"
      : undefined;
    if (reason === undefined) throw error;
    throw new LabError(`Cannot import ${file}: ${reason}`, "Look at its name and its permissions");
  }
}
