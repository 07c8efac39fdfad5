// SPDX-License-Identifier: Apache-2.0
import { removeIfThere } from "../base/files.ts";
import { LabError } from "../base/errors.ts";
import { findRun, holdRun, reportsDir } from "../bench/run_folder.ts";
import { referenceName } from "../packs/names.ts";
import { folderSize_bytes, inMiB } from "./sizes.ts";

export interface RmRequest {
  runs: readonly string[];
  /** Do not ask. */
  yes: boolean;
}

/** `lab rm RUN...`: deletes the folders of runs, once it was asked for. What trials gave stays in the cache. */
export async function rm({ runs, yes }: RmRequest): Promise<number> {
  const dirs: string[] = [];
  for (const run of runs) {
    if (run === referenceName) {
      throw new LabError("Cannot remove the reference: it is part of the lab's own repository");
    }
    const dir = await findRun(run);
    if (!dir.startsWith(`${reportsDir}/`)) {
      throw new LabError(
        `Cannot remove ${dir}: it is not in reports/`,
        "Delete the folder yourself",
      );
    }
    if (!dirs.includes(dir)) dirs.push(dir);
  }
  for (const dir of dirs) {
    const size = inMiB(await folderSize_bytes(dir));
    if (!yes && !mayGo(`${dir}, ${size}`)) continue;
    await using _held = await holdRun(dir, "rm");
    await removeIfThere(dir);
    console.log(`removed ${dir}, ${size}`);
  }
  return 0;
}

function mayGo(what: string): boolean {
  if (Deno.stdin.isTerminal()) return confirm(`Remove ${what}?`);
  throw new LabError(`Cannot remove ${what}: nobody can be asked`, "Say --yes");
}
