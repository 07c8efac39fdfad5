// SPDX-License-Identifier: Apache-2.0
/** For tests that try many made-up inputs: how many, and that whatever they hold is taken or refused. */
import { assert } from "@std/assert";
import { LabError } from "../errors.ts";

/** How many inputs a test tries when nobody asks for more: see `./lab help test`. */
const fewInputs = 1000;

/** Fixed, so that a failure is one for everybody. */
export const seed = 20091208;

/** The number of inputs, as `lab test --fuzz N` hands it on. */
export const numRuns = Number(Deno.env.get(inputsVariable()) ?? fewInputs);

/** Name of the variable that holds it. */
export function inputsVariable(): string {
  return "LAB_FUZZ_INPUTS";
}

/** How long one input may take: more is as good as a hang. */
const longest_ms = 10_000;

/** @throws what the work throws, unless that is a sentence for a person. */
export async function takenOrRefused(work: () => unknown): Promise<LabError | undefined> {
  const began_ms = performance.now();
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    assert(error.message.startsWith("Cannot "), error.message);
    return error;
  } finally {
    assert(performance.now() - began_ms < longest_ms, "it took too long");
  }
}
