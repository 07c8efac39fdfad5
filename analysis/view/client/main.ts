// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { addThemeButton } from "../../report/client/theme.ts";
import { openAsker } from "./answers.ts";
import { openChart } from "./chart.ts";
import { type Ask, openDatabase } from "./database.ts";
import { openEditor } from "./editor.ts";
import { fetchLab, type Lab } from "./lab.ts";
import { type Asked, fromFragment, toFragment } from "./link.ts";
import { element, made, wordsOf } from "./page.ts";
import { listQuestions, listTables, searchQuestions } from "./sidebar.ts";

/** What is asked where the address asks nothing. */
const FIRST = "refaults_per_merged_page";

async function start(): Promise<void> {
  addThemeButton(element("toolbar"));
  let runWritten = () => {};
  const sql = openEditor(element("sql"), () => runWritten());
  const lab = await fetchLab();
  listRuns(lab);
  const first = lab.questions.find(({ name }) => name === FIRST) ?? lab.questions[0]!;
  /* It can be read, and changed, while the tables are loaded. */
  if (!sql.isTouched()) sql.write(fromFragment(location.hash)?.sql ?? first.sql.trim());
  const status = element("status");
  const database = await openDatabase(lab, (text) => status.textContent = text);
  const asker = openAsker(database);
  const ask = element<HTMLSelectElement>("ask");
  const runs = lab.runs.map(({ name }) => name);

  const writeLink = () => {
    const asked = { sql: sql.text(), ask: ask.value as Ask, runs };
    const fragment = toFragment({ ...asked, choice: chart.choice(), spec: chart.spec() });
    history.replaceState(null, "", `#${fragment}`);
  };
  const chart = openChart(lab.chartConfig, writeLink);

  const run = async (choice: Asked["choice"], spec: string) => {
    const question = lab.questions.find((one) => one.sql.trim() === sql.text().trim());
    sayWhichQuestion(question);
    const answer = await asker.ask(sql.text(), ask.value as Ask);
    // The lab's own charts know nothing of several runs.
    const own = runs.length === 1 && question !== undefined ? lab.charts[question.name] : undefined;
    if (answer !== null) await chart.show(answer, { choice, spec, own });
    writeLink();
  };
  const runAgain = () => run(chart.choice(), chart.spec());
  const follow = async ({ choice, spec, ...asked }: Asked) => {
    sql.write(asked.sql);
    ask.value = asked.ask;
    await run(choice, spec);
    const others = asked.runs.join(", ");
    if (asked.runs.length > 0 && others !== runs.join(", ")) {
      status.textContent += `. The link was made for ${others}`;
    }
  };
  const askQuestion = async (question: Lab["questions"][number]) => {
    sql.write(question.sql.trim());
    ask.value = "each";
    await run(null, "");
  };

  runWritten = runAgain;
  const runButton = element<HTMLButtonElement>("run-query");
  runButton.addEventListener("click", runAgain);
  runButton.disabled = false;
  element("copy-link").addEventListener("click", async () => {
    writeLink();
    await navigator.clipboard.writeText(location.href);
    status.textContent = "The link is in the clipboard";
  });
  addEventListener("hashchange", () => {
    const asked = fromFragment(location.hash);
    if (asked !== null) follow(asked);
  });
  listQuestions(lab.questions, askQuestion);
  searchQuestions(lab.questions);
  const tables = await database.tables();
  sql.propose(tables);
  listTables(tables, (text) => sql.insert(text));

  const asked = fromFragment(location.hash);
  if (sql.isTouched()) status.textContent = "The tables are loaded";
  else if (asked !== null) await follow(asked);
  else await askQuestion(first);
  document.documentElement.dataset.ready = "yes";
}

function listRuns(lab: Lab): void {
  element("runs").replaceChildren(...lab.runs.map(({ name, title, done, trials }) => {
    const item = made("li", `${title}: `);
    item.append(made("span", name, "mono"), `, ${done} of ${trials} trials`);
    return item;
  }));
  document.title = `${lab.runs.map(({ name }) => name).join(", ")} - Samepage Lab`;
}

/** The lab's question that the SQL is, in its words. */
function sayWhichQuestion(question: Lab["questions"][number] | undefined): void {
  const place = element("question");
  place.hidden = question === undefined;
  place.textContent = question?.question ?? "";
}

start().catch((error) => {
  const place = element("error");
  place.textContent = wordsOf(error);
  place.hidden = false;
  element("status").textContent = "Cannot open the page";
  console.error(error);
});
