// SPDX-License-Identifier: Apache-2.0
/** What README.md and docs/ tell people to type does what it is said to do. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { casesOf } from "../base/whole_tests.ts";
import { parseCommandLine } from "../cli/command_line.ts";
import { commandsIn } from "../tools/tree/docs.ts";
import { filesWith, textOf } from "../tools/tree/tree.ts";
import { lab, removeRun, reportPath, root, runLine } from "./lab.ts";

/** What stands in the docs for something else: a call's form, a name to be chosen. */
const isForm = /\bVERB\b|\[|\.\.\.(?!\d)|\|/;

/**
 * Boot more than a smoke, build, change the tree, reach elsewhere, or read what others have measured:
 * these are read, and not carried out.
 */
const notCarriedOut = [
  /^run(?! smoke( --json)?$)/,
  /^(stress|bench|build|lock|test|verify reference|reference update|new|rm|view)\b/,
  /^(cancel|host|import|observe)\b/,
  /--(deb|open|resume|sources)\b/,
];

/** Of a line of a shell, what comes before it sends the output somewhere or does something else. */
const ownPart = /^(?:"[^"]*"|'[^']*'|(?! 2>)[^"'>;&])*/;

/** Each call once, and the page on which it stands first. */
async function documented(): Promise<Map<string, string>> {
  const calls = new Map<string, string>();
  for (const page of filesWith(".md")) {
    if (page !== "README.md" && !page.startsWith("docs/")) continue;
    for (const command of commandsIn(await textOf(page))) {
      const [before = ""] = ownPart.exec(command.replace(/^--install +/, "")) ?? [];
      const call = before.trim();
      if (call !== "" && !isForm.test(call) && !calls.has(call)) calls.set(call, page);
    }
  }
  return calls;
}

/** Of verbs that do nothing without arguments, such as `lab verify` in a sentence. */
function isName(call: string): boolean {
  return ["verify", "query", "compare", "report", "pack", "explain", "completion", "run"].includes(
    call,
  );
}

/** The first call of each verb. */
function oneOfEachVerb(calls: readonly string[]): readonly string[] {
  const first = Map.groupBy(calls, (call) => call.split(" ")[0]!);
  return [...first.values()].map(([call]) => call!);
}

/** As a shell takes a line apart, as far as the docs have it. */
function wordsOf(call: string): string[] {
  return [...call.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, plain]) => double ?? single ?? plain!);
}

Deno.test("every command in README.md and docs/ is one that the lab takes", async () => {
  const calls = await documented();
  assert(calls.size > 30, `${calls.size} calls`);
  const refused: string[] = [];
  for (const [call, page] of calls) {
    try {
      const words = wordsOf(call).map((word) => word === "N" ? "2" : word);
      /* A word alone, such as `lab verify`, names a verb. */
      await parseCommandLine(
        words.length === 1 && !call.startsWith("-") ? ["help", ...words] : words,
      );
    } catch (error) {
      refused.push(`${page}: ${call}: ${(error as Error).message}`);
    }
  }
  assertEquals(refused, []);
});

Deno.test("every command in README.md and docs/ that takes no longer than a smoke does what it says", async () => {
  const made = runLine(await lab("run", "smoke", "--json"));
  const dir = await Deno.makeTempDir();
  const question = join(dir, "question.sql");
  await Deno.writeTextFile(question, "SELECT 1 AS one");
  const pack = reportPath("", `${made.run}.tar.zst`);
  const packed = await lab("pack", made.run);
  assertEquals(packed.status, 0, packed.stderr);
  const meant: Readonly<Record<string, string>> = {
    ...{ RUN: made.run, A: made.run, B: made.run },
    ...{ NODE7: made.run, NODE8: made.run },
    ...{ "RUN.tar.zst": pack, PACK: pack, N: "2" },
    /* Of other verbs it is what one call writes and the next reads. */
    FILE: join(dir, "file"),
    QUESTION: "hosts",
  };
  const before = await pagesIn();
  const failed: string[] = [];
  try {
    let done = 0;
    const calls = [...(await documented()).keys()]
      .filter((call) => !notCarriedOut.some((one) => one.test(call)) && !isName(call));
    for (const call of casesOf(calls, oneOfEachVerb)) {
      const asks = call.startsWith("query ");
      const words = wordsOf(call).map((word) =>
        asks && word === "FILE" ? question : meant[word] ?? word
      );
      if (words[0] === "clean" && !words.includes("--dry-run")) words.push("--dry-run");
      const { status, stderr } = await lab(...words);
      /* Runs that differ are no failure of the command. */
      if (status === 0 || words[0] === "compare" && status === 1) done++;
      else failed.push(`./lab ${call}: exit status ${status}\n${stderr}`);
    }
    assertEquals(failed, []);
    assert(done > 15, `${done} were carried out`);
  } finally {
    for (const name of await pagesIn()) {
      if (!before.includes(name)) {
        await Deno.remove(join(root, "reports", name), { recursive: true });
      }
    }
    await Deno.remove(pack).catch(() => {});
    await Deno.remove(dir, { recursive: true });
    await removeRun(made.run).catch(() => {});
  }
});

async function pagesIn(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(root, "reports")));
  return entries.map(({ name }) => name);
}
