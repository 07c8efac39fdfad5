// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { buildDebianPackages } from "../kernel/debian_package.ts";
import { debianFlavours, type KernelLine } from "../kernel/lines.ts";
import { cacheRoot } from "../store/cache.ts";
import { reportToStderr } from "../base/report.ts";

/** `lab build kernel --deb`: packages for real hosts. Their paths are printed, one a line. */
export async function buildPackage(
  line: KernelLine,
  config: string = debianFlavours[0],
  json: boolean,
): Promise<number> {
  const to = join(cacheRoot(), "packages", line);
  await Deno.mkdir(to, { recursive: true });
  const packages = await buildDebianPackages({ line, config, to }, reportToStderr);
  for (const path of packages) console.log(json ? JSON.stringify({ path }) : path);
  reportToStderr(
    "Install linux-image-*.deb on the host and boot it; to switch change_pte on: " +
      "echo Y > /sys/module/kvm/parameters/change_pte",
  );
  return 0;
}
