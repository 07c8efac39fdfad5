// SPDX-License-Identifier: Apache-2.0
/**
 * `lab completion SHELL`: what a shell needs to complete the lab's command line. Each of the scripts in
 * completion/ asks `lab complete -- WORDS`, the last word being the one that is typed, and gets a line
 * for each proposal: the word, a tab, what it is.
 */

export const shells = ["bash", "zsh", "fish"] as const;

export interface CompletionRequest {
  shell: (typeof shells)[number];
}

export async function completion({ shell }: CompletionRequest): Promise<number> {
  const script = await Deno.readTextFile(new URL(`completion/lab.${shell}`, import.meta.url));
  console.log(script.trimEnd());
  return 0;
}
