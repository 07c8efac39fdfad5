// SPDX-License-Identifier: Apache-2.0
/**
 * What a real host needs for a trial, as one archive: the same files that the emulated host boots from,
 * agent, VMM, and what guests are made of.
 */
import { join } from "@std/path";
import { packTar, type TarEntry } from "modern-tar";
import { sha256OfJson } from "../../base/digest.ts";
import type { Report } from "../../base/report.ts";
import type { BuiltImage } from "../../images/build.ts";
import { readCpio } from "../../images/cpio.ts";
import { cached } from "../../store/cache.ts";

/** Raised when the same image would give another archive. */
const recipeVersion = 1;

export interface Bundle {
  /** By which a host knows that it has it. */
  digest: string;
  /** A tar archive. */
  path: string;
}

/** The bundle of an image. */
export async function bundleOf(image: BuiltImage, report: Report): Promise<Bundle> {
  const digest = sha256OfJson({ recipeVersion, image: image.sha256 });
  const what = `the bundle for ${image.workload}`;
  const { dir } = await cached("bundle", digest, async (dir) => {
    const entries = readCpio(await Deno.readFile(image.path)).map((
      { path, data, executable },
    ): TarEntry =>
      data === undefined
        ? {
          header: { name: `${path}/`, type: "directory", mode: 0o755, size: 0, mtime: new Date(0) },
        }
        : {
          header: {
            name: path,
            mode: executable ? 0o755 : 0o644,
            size: data.length,
            mtime: new Date(0),
          },
          body: data as Uint8Array<ArrayBuffer>,
        }
    );
    await Deno.writeFile(join(dir, "bundle.tar"), await packTar(entries));
  }, { what, needs_mib: 100, report });
  return { digest, path: join(dir, "bundle.tar") };
}
