// SPDX-License-Identifier: Apache-2.0
import { interruption } from "../base/interruption.ts";
import { reportToStderr } from "../base/report.ts";
import { readBenchmark } from "../bench/benchmark_file.ts";
import { withReference } from "../packs/reference.ts";
import { benchmark } from "../bench/benchmark_run.ts";
import { scale, type Scaled, scaleTable } from "../bench/scale.ts";
import { lines } from "../bench/where_time_goes.ts";

export interface BenchRequest {
  /** A file of an earlier call, to compare with. */
  against: string | undefined;
  /** How often wall times are taken. */
  trials: number;
  /** Numbers of trials, for what they cost the lab itself, instead of all else. */
  scale: readonly number[];
  json: boolean;
}

/** `lab bench`: where time goes, as a table or as numbers. */
export async function bench(
  { against, trials, scale: sizes, json }: BenchRequest,
): Promise<number> {
  if (sizes.length > 0) return await benchScale(sizes, json);
  const before = against === undefined ? undefined : await readBenchmark(against);
  const now = await benchmark(trials, reportToStderr, interruption);
  const said = lines(now, before).join("\n");
  if (json) console.error(said);
  console.log(json ? JSON.stringify(now, null, 1) : said);
  return 0;
}

async function benchScale(sizes: readonly number[], json: boolean): Promise<number> {
  const [before] = Deno.loadavg();
  const measured = await withReference(async (recorded) => {
    const each: Scaled[] = [];
    for (const trials of sizes) each.push(await scale(trials, recorded, true, reportToStderr));
    return each;
  });
  console.log(json ? JSON.stringify(measured, null, 1) : scaleTable(measured));
  const [after] = Deno.loadavg();
  console.error(
    `Load average: ${before!.toFixed(1)} before, ${
      after!.toFixed(1)
    } after; what else runs here makes all ` +
      "but the processor time longer",
  );
  return 0;
}
