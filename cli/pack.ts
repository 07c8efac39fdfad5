import { join } from "@std/path";
import { packRun } from "../packs/pack.ts";
import { findRun, reportsDir, RunFolder } from "../bench/run_folder.ts";
import { parseVerb } from "./arguments.ts";
import { sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { reportToStderr } from "../base/report.ts";

const usage = "Usage: ./lab pack RUN [--sources] [--json]";

/** `lab pack RUN`: reports/RUN.tar.zst, for others to check. The same run gives the same bytes. */
export async function pack(args: readonly string[]): Promise<number> {
  const { _: [named, ...rest], sources, json } = parseVerb(args, {
    boolean: ["sources", "json"],
    string: ["_"],
  }, usage);
  if (named === undefined || rest.length > 0) {
    throw new LabError("Cannot pack: name one run", usage);
  }
  const folder = await RunFolder.open(await findRun(String(named)));
  const name = `${folder.record.run}.tar.zst`;
  const path = join(reportsDir, name);
  await packRun(folder, path, { complete: sources === true, report: reportToStderr });
  const { size } = await Deno.stat(path);
  const sha256 = await sha256OfFile(path);
  if (json === true) {
    console.log(JSON.stringify({ run: folder.record.run, path: `reports/${name}`, size, sha256 }));
  } else console.log(`reports/${name}: ${(size / 2 ** 20).toFixed(1)} MiB, sha256 ${sha256}`);
  return 0;
}
