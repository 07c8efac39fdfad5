// SPDX-License-Identifier: Apache-2.0
/** The kernel module of the tests: see module/notifier_probe.c. */
import { join } from "@std/path";
import { removeIfThere } from "../base/files.ts";
import { cached } from "../store/cache.ts";
import { filesBelow, sha256OfFile, sha256OfJson } from "../base/digest.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import { fetchOfLine } from "../kernel/lock.ts";
import { objectsPlace, withVmlinux } from "../kernel/objects.ts";
import { digestOf, inputsOf } from "../kernel/variants.ts";
import type { KernelLine } from "../kernel/lines.ts";

const dir = join(import.meta.dirname!, "module");

/** Among the kernel's objects while it is built. */
const folder = "notifier-probe";

const buildRoom_mib = 2000;

/**
 * Gives the module for the patched kernel of a line, from the cache or built now.
 *
 * @returns the path of the .ko file.
 * @throws {LabError} when it does not compile.
 */
export async function buildNotifierProbe(
  line: KernelLine,
  report: Report = reportToStderr,
): Promise<string> {
  const what = `the notifier probe for the patched ${line} kernel`;
  const inputs = await inputsOf({ line, variant: "patched" });
  const deb = await fetchOfLine(line, "source", report);
  const names = await filesBelow(dir);
  const digest = sha256OfJson({
    kernel: digestOf(inputs, deb.sha256),
    files: await Promise.all(
      names.map(async (name) => [name, await sha256OfFile(join(dir, name))]),
    ),
  });
  const entry = await cached(
    "kernel-module",
    digest,
    async (draft) => {
      await withVmlinux({ deb, inputs, what, report }, async ({ make, objects }) => {
        const place = join(objects, folder);
        await Deno.mkdir(place);
        try {
          for (const name of names) await Deno.copyFile(join(dir, name), join(place, name));
          /* Without modules of its own, all that this makes is the list of exported symbols. */
          await make("modules");
          await make(`M=${objectsPlace}/${folder}`, "modules");
          await Deno.copyFile(join(place, "notifier_probe.ko"), join(draft, "notifier_probe.ko"));
        } finally {
          await removeIfThere(place);
        }
      });
    },
    { what, needs_mib: buildRoom_mib, report },
  );
  return join(entry.dir, "notifier_probe.ko");
}
