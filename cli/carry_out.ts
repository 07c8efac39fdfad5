// SPDX-License-Identifier: Apache-2.0
/** From a request to a verb, and from an error to words and an exit status. */
import { LabError, machineError } from "../base/errors.ts";
import { reportToStderr } from "../base/report.ts";
import { beginWork } from "../store/at_work.ts";
import { verbs } from "./table.ts";

/** The status for bad usage, or a machine that cannot do it. */
const refusedStatus = 2;

/**
 * Does what is asked for and gives the exit status. What is wrong is said on standard error.
 *
 * @param handed one word: the verb and its request as JSON, from needs.ts.
 */
export async function carryOut(handed: readonly string[]): Promise<number> {
  try {
    const { verb: name, request } = readRequest(handed);
    const verb = verbs[name]!;
    if (verb.works === true) await beginWork(reportToStderr);
    return await verb.carryOut(request);
  } catch (error) {
    const said = error instanceof LabError ? error : machineError(error);
    if (said === undefined) throw error;
    console.error(said.message);
    if (said.next !== undefined) console.error(said.next);
    return refusedStatus;
  }
}

function readRequest(handed: readonly string[]): { verb: string; request: unknown } {
  try {
    const parsed = JSON.parse(handed.length === 1 ? handed[0]! : "");
    if (Object.hasOwn(verbs, parsed.verb)) return parsed;
  } catch {
    /* Somebody typed it. */
  }
  throw new LabError("Cannot go on: lab.ts is for ./lab to call", "Call ./lab instead");
}
