// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { button } from "../../report/client/download.ts";
import type { Described } from "./database.ts";
import type { Lab } from "./lab.ts";
import { element, made } from "./page.ts";

type Question = Lab["questions"][number];

/** The lab's questions; one that is pressed is asked. */
export function listQuestions(questions: readonly Question[], ask: (one: Question) => void): void {
  element("questions").replaceChildren(...questions.map((question) => {
    const item = made("li");
    const press = button(question.question, question.question, () => ask(question));
    press.dataset.question = question.name;
    press.title = question.name;
    item.append(press);
    return item;
  }));
}

/** Leaves those questions in the list in which all words stand that are searched for. */
export function searchQuestions(questions: readonly Question[]): void {
  const field = element<HTMLInputElement>("search");
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let found = 0;
    for (const { name, question, notes } of questions) {
      const text = `${name} ${question} ${notes}`.toLowerCase();
      const fits = words.every((word) => text.includes(word));
      const press = element("questions").querySelector(`[data-question="${name}"]`);
      if (press?.parentElement) press.parentElement.hidden = !fits;
      if (fits) found++;
    }
    element("no-question").hidden = found > 0;
  });
}

/** The tables with their columns; a name that is pressed goes to where the reader writes. */
export function listTables(tables: readonly Described[], insert: (text: string) => void): void {
  element("schema").replaceChildren(...tables.map(({ name, columns }) => {
    const details = made("details");
    const list = made("dl");
    for (const column of columns) {
      const term = made("dt");
      term.append(button(column.name, `${column.name}: put into the query`, () => {
        insert(column.name);
      }));
      term.append(made("span", ` ${shortType(column.type)}`, "quiet"));
      list.append(term, made("dd", column.comment));
    }
    const rows = button(
      `SELECT * FROM ${name}`,
      `SELECT * FROM ${name}: put into the query`,
      () => {
        insert(`SELECT * FROM ${name} LIMIT 100`);
      },
    );
    details.append(made("summary", name), rows, list);
    return details;
  }));
}

/** An enum's values are many words; they are found by asking. */
function shortType(type: string): string {
  return type.startsWith("ENUM") ? "ENUM" : type;
}
