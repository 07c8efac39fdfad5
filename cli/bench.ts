// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../base/errors.ts";
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
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  try {
    const now = await benchmark(trials, reportToStderr, interrupted.signal);
    const said = lines(now, before).join("\n");
    if (json) console.error(said);
    console.log(json ? JSON.stringify(now, null, 1) : said);
    return 0;
  } catch (error) {
    throw interrupted.signal.aborted ? new LabError("Interrupted: nothing was kept") : error;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
  }
}
