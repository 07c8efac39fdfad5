// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { buildDebianPackages } from "../kernel/debian_package.ts";
import { debianFlavours, type KernelLine } from "../kernel/lines.ts";
import { cacheRoot } from "../store/cache.ts";
import { reportToStderr } from "../base/report.ts";

/** The packages of the patched kernel of a line, in the cache. @returns their paths */
async function packagesOf(line: KernelLine, config: string): Promise<string[]> {
  const to = join(cacheRoot(), "packages", line);
  await Deno.mkdir(to, { recursive: true });
  return await buildDebianPackages({ line, config, to }, reportToStderr);
}

/** The one among them that is the kernel itself. */
export async function kernelPackageOf(line: KernelLine): Promise<string> {
  const paths = await packagesOf(line, debianFlavours[0]);
  const path = paths.find((one) => /\/linux-image-[^/]+\.deb$/.test(one) && !one.includes("-dbg_"));
  if (path === undefined) throw new Error(`no kernel among ${paths.join(", ")}`);
  return path;
}

/** `lab build kernel --deb`: packages for real hosts. Their paths are printed, one a line. */
export async function buildPackage(
  line: KernelLine,
  config: string = debianFlavours[0],
  json: boolean,
): Promise<number> {
  for (const path of await packagesOf(line, config)) {
    console.log(json ? JSON.stringify({ path }) : path);
  }
  reportToStderr(
    "Install linux-image-*.deb on the host and boot it; to switch change_pte on: " +
      "echo Y > /sys/module/kvm/parameters/change_pte",
  );
  return 0;
}
