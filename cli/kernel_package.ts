// SPDX-License-Identifier: Apache-2.0
import { buildDebianPackages } from "../kernel/debian_package.ts";
import { debianFlavours, type KernelLine } from "../kernel/lines.ts";
import { reportToStderr } from "../base/report.ts";

/** The package of the patched kernel of a line, with the configuration that Debian gives most machines. */
export async function kernelPackageOf(line: KernelLine): Promise<string> {
  const paths = await buildDebianPackages(
    { line, config: debianFlavours[0] },
    reportToStderr,
  );
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
  for (const path of await buildDebianPackages({ line, config }, reportToStderr)) {
    console.log(json ? JSON.stringify({ path }) : path);
  }
  reportToStderr(
    "Install linux-image-*.deb on the host and boot it; to switch change_pte on: " +
      "echo Y > /sys/module/kvm/parameters/change_pte",
  );
  return 0;
}
