// SPDX-License-Identifier: Apache-2.0
import { listQuestions } from "../analysis/mod.ts";
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";

export interface QuestionsRequest {
  /** Only those in which it stands. */
  word: string | undefined;
  json: boolean;
}

/** `lab questions [WORD]`: names, and what is asked. */
export async function questions({ word, json }: QuestionsRequest): Promise<number> {
  const all = await listQuestions();
  const wanted = word?.toLowerCase() ?? "";
  const found = all.filter(({ name, question, notes }) =>
    `${name} ${question} ${notes}`.toLowerCase().includes(wanted)
  );
  if (found.length === 0) {
    const near = nearestWord(wanted, all.map(({ name }) => name));
    throw new LabError(
      `Cannot find "${word}" in any question`,
      near === undefined ? "./lab questions lists them all" : `Did you mean "${near}"?`,
    );
  }
  if (json) {
    console.log(
      JSON.stringify(found.map(({ name, question, notes }) => ({ name, question, notes }))),
    );
  } else {
    const width = Math.max(...found.map(({ name }) => name.length));
    for (const { name, question } of found) console.log(`${name.padEnd(width)}  ${question}`);
  }
  return 0;
}
