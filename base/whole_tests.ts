// SPDX-License-Identifier: Apache-2.0
/** Tests that would take long carry out a sample of their cases, and all of them when they are asked for by name. */

/** Name of the variable by which `lab test NAME` says so. */
export function wholeVariable(): string {
  return "LAB_TEST_WHOLE";
}

/** The cases that a test is to carry out: all, or the sample. */
export function casesOf<T>(
  all: readonly T[],
  sample: (all: readonly T[]) => readonly T[],
): readonly T[] {
  return Deno.env.get(wholeVariable()) === undefined ? sample(all) : all;
}
