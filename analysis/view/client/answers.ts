// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import type { Answered, Ask, Database } from "./database.ts";
import { element, wordsOf } from "./page.ts";
import { answerTable } from "./table.ts";

/** Runs queries one at a time, and shows the answer or what is wrong. */
export interface Asker {
  /** Gives the answer; null if there is none, which the page then says. */
  ask(sql: string, ask: Ask): Promise<Answered | null>;
}

export function openAsker(database: Database): Asker {
  const run = element<HTMLButtonElement>("run-query");
  const stop = element<HTMLButtonElement>("stop");
  const status = element("status");
  const error = element("error");
  let stopped = false;
  stop.addEventListener("click", () => {
    stopped = true;
    database.stop();
  });
  return {
    ask: async (sql, ask) => {
      if (run.disabled) return null;
      [run.disabled, stop.disabled, stopped] = [true, false, false];
      status.textContent = "Running";
      const began_ms = performance.now();
      try {
        const answer = await database.ask(sql, ask);
        const { rows, cut } = answer;
        const seconds = ((performance.now() - began_ms) / 1000).toFixed(2);
        const count = `${rows.length} row${rows.length === 1 ? "" : "s"}`;
        status.textContent = `${count} in ${seconds} s${cut ? "; there are more" : ""}`;
        error.hidden = true;
        element("answer").replaceChildren(answerTable(answer));
        element("answer-section").hidden = false;
        return answer;
      } catch (reason) {
        status.textContent = stopped ? "Stopped" : "Cannot run the query";
        error.textContent = stopped ? "" : wordsOf(reason);
        error.hidden = stopped;
        element("answer-section").hidden = true;
        element("chart-section").hidden = true;
        return null;
      } finally {
        [run.disabled, stop.disabled] = [false, true];
      }
    },
  };
}
