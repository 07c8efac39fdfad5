// SPDX-License-Identifier: Apache-2.0
/**
 * Carries out what the bootstrap `lab` hands over: a verb of cli/table.ts and the request that
 * cli/needs.ts made of the command line. Exit status: 0 done, 1 the lab found a failing result, 2 bad
 * usage or a machine that cannot do it.
 */
import { carryOut } from "./cli/carry_out.ts";

if (import.meta.main) Deno.exit(await carryOut(Deno.args));
