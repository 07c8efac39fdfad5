// SPDX-License-Identifier: Apache-2.0
/** What nobody foresaw: one line for the person, and the trace in a file for whoever maintains the lab. */
import { dirname, join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { interruptedStatus } from "../base/interruption.ts";
import { machineError } from "../base/machine_error.ts";
import project from "../deno.json" with { type: "json" };

/** Bad usage, or a machine that cannot do it. */
const refusedStatus = 2;

/** EX_SOFTWARE of sysexits.h: a fault of the lab's own. */
const crashedStatus = 70;

const checkout = join(import.meta.dirname!, "..");

/** Where traces go, below the cache; each verb may write there. */
export const crashesName = "crashes";

/**
 * Says on standard error what went wrong, and gives the exit status.
 *
 * @param doing for the trace: the verb
 * @param crashes the folder for traces
 */
export async function conclude(error: unknown, doing: string, crashes: string): Promise<number> {
  const said = machineError(error);
  if (said === undefined) {
    console.error(await lineOf(error, doing, crashes));
    return crashedStatus;
  }
  console.error(said.message);
  if (said.next !== undefined) console.error(said.next);
  return interruptedStatus() ?? refusedStatus;
}

async function lineOf(error: unknown, doing: string, crashes: string): Promise<string> {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const [first] = what.split("\n");
  const trace = [
    `Samepage Lab ${project.version}, Deno ${Deno.version.deno}, ${new Date().toISOString()}`,
    `lab ${doing}`,
    Deno.inspect(error, { depth: 6 }),
  ].join("\n").replaceAll(checkout, "LAB").replaceAll(dirname(crashes), "CACHE");
  const stamp = new Date().toISOString().replaceAll(/[-:]|\..*/g, "").replace("T", "-");
  const path = join(crashes, `${stamp}-${Deno.pid}.txt`);
  try {
    await Deno.mkdir(crashes, { recursive: true });
    await Deno.writeTextFile(path, `${trace}\n`);
  } catch (reason) {
    const why = machineError(reason)?.message ?? String(reason);
    return `The lab failed in a way that nobody foresaw (${first}); ${why}, so here is the trace:\n${trace}`;
  }
  return `The lab failed in a way that nobody foresaw (${first}): please send ${path} to its maintainers`;
}

/** For whoever calls lab.ts by hand. */
export function notByHand(): LabError {
  return new LabError("Cannot go on: lab.ts is for ./lab to call", "Call ./lab instead");
}
