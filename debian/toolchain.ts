// SPDX-License-Identifier: Apache-2.0
/** Which compiler builds here: part of the identity of everything that is compiled. */
import { run } from "../base/process.ts";

/**
 * Variables for everything that compiles and links: Debian's own programs, whatever else the person's
 * PATH offers. That they are there is checked beforehand.
 */
export const buildTools = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

let known: Promise<Record<string, string>> | undefined;

/**
 * The version lines of compiler, assembler and linker, such as "gcc (Debian 12.2.0-14) 12.2.0".
 *
 * @throws {LabError} when one of them is not installed.
 */
export function toolchain(): Promise<Record<string, string>> {
  known ??= ask();
  return known;
}

async function ask(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const program of ["gcc", "as", "ld"]) {
    const { stdout } = await run(program, ["--version"], {
      env: buildTools,
      purpose: `find out the version of ${program}`,
      timeLimit_s: 10,
      next: "Install the missing packages: ./lab --install build, as root",
    });
    versions[program] = stdout.split("\n")[0] ?? "";
  }
  return versions;
}
