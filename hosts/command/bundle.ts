// SPDX-License-Identifier: Apache-2.0
/**
 * What a real host needs for a trial, as one archive: the same files that the emulated host boots from,
 * agent, VMM, and what guests are made of; and what measures the host itself.
 */
import { join } from "@std/path";
import { packTar, type TarEntry } from "modern-tar";
import { sha256OfFile, sha256OfJson } from "../../base/digest.ts";
import type { Report } from "../../base/report.ts";
import type { BuiltImage } from "../../images/build.ts";
import { type Entry, readCpio } from "../../images/cpio.ts";
import { compileProgram } from "../../images/programs.ts";
import { cached } from "../../store/cache.ts";

/** Raised when the same image would give another archive. */
const recipeVersion = 2;

export interface Bundle {
  /** By which a host knows that it has it. */
  digest: string;
  /** A tar archive. */
  path: string;
}

const programs = join(import.meta.dirname!, "programs");
const ticks = join(import.meta.dirname!, "../../guest/arch/x86_64");

/** What measures single operations of a host: see primitives.c. Returns the program's path. */
export function buildPrimitives(report: Report): Promise<string> {
  const sources = [join(programs, "primitives.c")];
  return compileProgram("primitives", [ticks], sources, "what measures a host", report);
}

/** The bundle of an image. */
export async function bundleOf(image: BuiltImage, report: Report): Promise<Bundle> {
  const primitives = await buildPrimitives(report);
  const digest = sha256OfJson({
    ...{ recipeVersion, image: image.sha256, primitives: await sha256OfFile(primitives) },
  });
  const what = `the bundle for ${image.workload}`;
  const { dir } = await cached("bundle", digest, async (dir) => {
    const files = readCpio(await Deno.readFile(image.path));
    const data = await Deno.readFile(primitives);
    const entries = [...files, { path: "primitives", data, executable: true }].map(entryOf);
    await Deno.writeFile(join(dir, "bundle.tar"), await packTar(entries));
  }, { what, needs_mib: 100, report });
  return { digest, path: join(dir, "bundle.tar") };
}

/** Always the same bytes: no times. A path without data is a folder. */
function entryOf({ path, data, executable }: Entry): TarEntry {
  const mtime = new Date(0);
  if (data === undefined) {
    return { header: { name: `${path}/`, type: "directory", mode: 0o755, size: 0, mtime } };
  }
  const mode = executable ? 0o755 : 0o644;
  return {
    header: { name: path, mode, size: data.length, mtime },
    body: data as Uint8Array<ArrayBuffer>,
  };
}
