// SPDX-License-Identifier: Apache-2.0
import { interruption } from "../base/interruption.ts";
import { reportToStderr } from "../base/report.ts";
import { readBenchmark } from "../bench/benchmark_file.ts";
import { benchmark } from "../bench/benchmark_run.ts";
import { lines } from "../bench/where_time_goes.ts";

export interface BenchRequest {
  /** A file of an earlier call, to compare with. */
  against: string | undefined;
  /** How often wall times are taken. */
  trials: number;
  json: boolean;
}

/** `lab bench`: where time goes, as a table or as numbers. */
export async function bench({ against, trials, json }: BenchRequest): Promise<number> {
  const before = against === undefined ? undefined : await readBenchmark(against);
  const now = await benchmark(trials, reportToStderr, interruption);
  const said = lines(now, before).join("\n");
  if (json) console.error(said);
  console.log(json ? JSON.stringify(now, null, 1) : said);
  return 0;
}
