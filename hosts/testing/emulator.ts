// SPDX-License-Identifier: Apache-2.0
/**
 * Debian's QEMU, which has a network, from locked packages. The lab's own has none, so that nothing can
 * enter an exact trial.
 */
import { join } from "@std/path";
import { sha256OfJson } from "../../base/digest.ts";
import { removeIfThere } from "../../base/files.ts";
import type { Report } from "../../base/report.ts";
import { fetchDebs, type LockedDeb } from "../../debian/debian.ts";
import { unpackPackages } from "../../debian/packages.ts";
import { cached } from "../../store/cache.ts";
import lock from "./packages.lock.json" with { type: "json" };

const recipeVersion = 1;
const what = "the test machine's emulator";
const room_mib = 300;
const unwanted = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "etc",
  "var",
  "usr/lib/sysctl.d",
];

/** The words that start it, and its variables: its own loader with its own libraries, whatever the system has. */
export async function emulatorCommand(
  report: Report,
): Promise<{ words: string[]; env: Record<string, string> }> {
  const debs = await fetchDebs(lock.emulator as LockedDeb[], { report });
  const digest = sha256OfJson({ recipeVersion, packages: debs.map(({ sha256 }) => sha256) });
  const { dir } = await cached("test-emulator", digest, async (dir) => {
    await unpackPackages(debs.map(({ path }) => path), dir);
    /* They hold links out of the folder, and nothing that QEMU reads. */
    for (const path of unwanted) await removeIfThere(join(dir, path));
  }, { what, needs_mib: room_mib, report });
  const libraries = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"]
    .map((path) => join(dir, path)).join(":");
  const words = [
    join(dir, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
    ...["--library-path", libraries, join(dir, "usr/bin/qemu-system-x86_64")],
    ...["-L", join(dir, "usr/share/qemu"), "-L", join(dir, "usr/share/seabios")],
  ];
  return { words, env: { QEMU_MODULE_DIR: join(dir, "usr/lib/x86_64-linux-gnu/qemu") } };
}
