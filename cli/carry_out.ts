// SPDX-License-Identifier: Apache-2.0
/** From a request to a verb, and from an error to words and an exit status. */
import { Interrupted, interruptedStatus, listenForInterruption } from "../base/interruption.ts";
import { machineError } from "../base/machine_error.ts";
import { reportToStderr } from "../base/report.ts";
import { beginWork } from "../store/at_work.ts";
import { conclude, notByHand } from "./crash.ts";
import { verbs } from "./table.ts";

interface Handed {
  verb: string;
  request: unknown;
  /** The folder for traces of what nobody foresaw. */
  crashes: string;
}

/**
 * Does what is asked for and gives the exit status. What is wrong is said on standard error.
 *
 * @param words one word: the verb, its request and the folder for traces as JSON, from needs.ts.
 */
export async function carryOut(words: readonly string[]): Promise<number> {
  const handed = read(words);
  if (handed === undefined) return await conclude(notByHand(), "", "");
  const { verb: name, request, crashes } = handed;
  /* A promise that nobody waited for: nothing goes on behind its back. */
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    conclude(event.reason, name, crashes).then(Deno.exit);
  });
  try {
    const verb = verbs[name]!;
    if (verb.works === true) {
      listenForInterruption();
      await beginWork(reportToStderr);
    }
    return await verb.carryOut(request);
  } catch (error) {
    return await conclude(interrupted(error), name, crashes);
  }
}

/** What fails while the lab stops, fails because it was told to. */
function interrupted(error: unknown): unknown {
  if (interruptedStatus() === undefined) return error;
  const said = machineError(error);
  if (said?.message.startsWith("Interrupted")) return said;
  return new Interrupted(
    `${said?.message.split("\n")[0] ?? error}`,
    "What was finished is kept: the same call goes on from there",
  );
}

function read(words: readonly string[]): Handed | undefined {
  try {
    const parsed = JSON.parse(words.length === 1 ? words[0]! : "");
    if (Object.hasOwn(verbs, parsed.verb)) return parsed;
  } catch {
    /* Somebody typed it. */
  }
  return undefined;
}
