// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { packRun } from "../packs/pack.ts";
import { findRun, holdRun, reportsDir, RunFolder } from "../bench/run_folder.ts";
import { sha256OfFile } from "../base/digest.ts";
import { reportToStderr } from "../base/report.ts";

export interface PackRequest {
  run: string;
  /** With the sources of all that is in it. */
  sources: boolean;
  json: boolean;
}

/** `lab pack RUN`: reports/RUN.tar.zst, for others to check. The same run gives the same bytes. */
export async function pack({ run, sources, json }: PackRequest): Promise<number> {
  const dir = await findRun(run);
  await using _held = await holdRun(dir, "pack");
  const folder = await RunFolder.open(dir);
  const name = `${folder.record.run}.tar.zst`;
  const path = join(reportsDir, name);
  await packRun(folder, path, { complete: sources, report: reportToStderr });
  const { size } = await Deno.stat(path);
  const sha256 = await sha256OfFile(path);
  if (json) {
    console.log(JSON.stringify({ run: folder.record.run, path: `reports/${name}`, size, sha256 }));
  } else console.log(`reports/${name}: ${(size / 2 ** 20).toFixed(1)} MiB, sha256 ${sha256}`);
  return 0;
}
