// SPDX-License-Identifier: Apache-2.0
import { basename, resolve } from "@std/path";
import { findRun } from "../bench/run_folder.ts";
import { cancelAll, endingOf, queueOf } from "../hosts/pool/slurm/queue.ts";

export interface CancelRequest {
  run: string;
}

/** `lab cancel RUN`: ends its jobs, whoever has submitted them. */
export async function cancel({ run }: CancelRequest): Promise<number> {
  const name = basename(resolve(await findRun(run)));
  const going = (await queueOf(name)).filter(({ state }) => endingOf(state) === undefined);
  if (going.length > 0) await cancelAll(name);
  console.log(`${name}: ${going.length} jobs were cancelled`);
  return 0;
}
