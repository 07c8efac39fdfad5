// SPDX-License-Identifier: Apache-2.0
/** The machines that are asked for with --on. */
import { join } from "@std/path";
import type { Report } from "../../base/report.ts";
import { cacheRoot } from "../../store/cache.ts";
import type { EmulatedHost } from "../emulated/host.ts";
import type { On } from "./on.ts";
import type { Pool } from "./pool.ts";
import { areAddresses, machinesIn, machinesInFile } from "./ssh/machines.ts";
import { SshPool } from "./ssh/ssh_pool.ts";
import { SlurmPool } from "./slurm/slurm_pool.ts";

/** Of the cache, where no other folder is named. */
const sharedName = "cluster";

/** The pool that is asked for. @throws {LabError} when these are no machines. */
export async function poolOf(on: On, host: EmulatedHost, report: Report): Promise<Pool> {
  if (on.machines !== "slurm") {
    const machines = areAddresses(on.machines)
      ? machinesIn(on.machines)
      : await machinesInFile(on.machines);
    return new SshPool(host, machines, report);
  }
  const shared = on.shared ?? join(cacheRoot(), sharedName);
  return new SlurmPool(host, shared, { ...on, more: on.slurmOptions }, report);
}
