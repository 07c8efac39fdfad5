// SPDX-License-Identifier: Apache-2.0
/**
 * SHA-256 of bytes, files, values and folders. A digest is 64 lower-case hex digits.
 *
 * Values are digested through canonical JSON (keys sorted, no white space), so that the same
 * value has the same digest whoever wrote it and in whatever order.
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { LabError } from "./errors.ts";
import { reasonOf } from "./machine_error.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** Digest of bytes or of a string's UTF-8. */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Digest of everything a stream yields, read piece by piece. */
export async function sha256OfStream(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Digest of a file's content.
 *
 * @throws {LabError} when the file cannot be read.
 */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (error) {
    throw new LabError(`Cannot read ${path}: ${reasonOf(error as Error)}`, undefined, {
      cause: error,
    });
  }
  try {
    for (;;) {
      const count = await file.read(buffer);
      if (count === null) break;
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    file.close();
  }
  return hash.digest("hex");
}

/**
 * The one JSON text of a value: keys in code-point order, members that are `undefined` left out.
 *
 * @throws {TypeError} for numbers that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`Cannot write ${value} as JSON`);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const object = value as { readonly [key: string]: Json | undefined };
  const members = Object.keys(object).sort()
    .filter((key) => object[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key]!)}`);
  return `{${members.join(",")}}`;
}

/** Digest of a value, by its canonical JSON. */
export function sha256OfJson(value: Json): string {
  return sha256(canonicalJson(value));
}

/** Every file below a folder as a path relative to it, in code-point order. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  async function walk(below: string): Promise<void> {
    for await (const entry of Deno.readDir(join(folder, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory) await walk(path);
      else found.push(path);
    }
  }
  await walk("");
  return found.sort();
}

/**
 * Digest of a folder: of the names, kinds and contents of everything in it, not of times or
 * owners. Symbolic links count by where they point; the executable bit counts.
 */
export async function sha256OfFolder(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const path of await filesBelow(folder)) {
    const full = join(folder, path);
    const info = await Deno.lstat(full);
    if (info.isSymlink) {
      lines.push(`link ${path} ${await Deno.readLink(full)}`);
    } else {
      const kind = ((info.mode ?? 0) & 0o100) !== 0 ? "program" : "file";
      lines.push(`${kind} ${path} ${await sha256OfFile(full)}`);
    }
  }
  return sha256(lines.join("\n"));
}
