// SPDX-License-Identifier: Apache-2.0
/** A kernel as a Debian package: which release it is of. */
import { requireFile } from "../../base/regular_file.ts";
import { LabError } from "../../base/errors.ts";
import { run } from "../../base/process.ts";

/** A package that installs one kernel. */
export interface KernelPackage {
  /** Here. */
  path: string;
  /** "linux-image-6.1.192". */
  name: string;
  /** What `uname -r` says once it runs. */
  release: string;
}

const readLimit_s = 60;

/** @throws {LabError} when the file is no package of a kernel for x86-64. */
export async function kernelPackage(path: string): Promise<KernelPackage> {
  try {
    await requireFile(path);
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError(
      `Cannot read the package ${path}: ${(error as Error).message}`,
      "`lab build kernel --deb` makes one",
    );
  }
  const { status, stdout } = await run("dpkg-deb", ["--field", path, "Package", "Architecture"], {
    ...{ purpose: `read the package ${path}`, timeLimit_s: readLimit_s, accept: [1, 2] },
  });
  if (status !== 0) {
    throw new LabError(
      `Cannot prepare a host with ${path}: it is no Debian package`,
      "`lab build kernel --deb` makes one",
    );
  }
  return { path, ...kernelIn(path, stdout) };
}

/** Reads the fields that dpkg-deb says. */
export function kernelIn(path: string, fields: string): Pick<KernelPackage, "name" | "release"> {
  const name = /^Package: (.+)$/m.exec(fields)?.[1] ?? "";
  const release = /^linux-image-(\d.*)$/.exec(name)?.[1];
  if (release === undefined || name.endsWith("-dbg")) {
    throw new LabError(
      `Cannot prepare a host with ${path}: ${name || "it"} is not the package of a kernel`,
      "It is called linux-image-VERSION, and holds /boot/vmlinuz-VERSION",
    );
  }
  const arch = /^Architecture: (.+)$/m.exec(fields)?.[1];
  if (arch !== "amd64") {
    throw new LabError(`Cannot prepare a host with ${path}: it is for ${arch}, not for amd64`);
  }
  return { name, release };
}
