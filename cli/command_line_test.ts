// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { replayOf } from "../stress/race_lines.ts";
import { everyRace, racesOf } from "../stress/races.ts";
import type { StressRequest } from "./stress.ts";
import { LabError } from "../base/errors.ts";
import project from "../deno.json" with { type: "json" };
import { parseCommandLine } from "./command_line.ts";
import { verbs } from "./table.ts";
import { verbsPage } from "./verbs_page.ts";

async function requestOf(...words: string[]): Promise<unknown> {
  const parsed = await parseCommandLine(words);
  assert("request" in parsed, JSON.stringify(parsed));
  return parsed.request;
}

async function shownBy(...words: string[]): Promise<string> {
  const parsed = await parseCommandLine(words);
  assert("show" in parsed, JSON.stringify(parsed));
  return parsed.show;
}

async function refusalOf(...words: string[]): Promise<string> {
  const { message, next } = await assertRejects(() => parseCommandLine(words), LabError);
  return `${message}\n${next}`;
}

Deno.test("parseCommandLine() makes typed requests of words", async () => {
  const cores = navigator.hardwareConcurrency;
  assertEquals(
    await requestOf("run", "smoke", "--set", "guests=2,4", "--set=thp=always", "--with-names"),
    {
      run: {
        experiment: "smoke",
        overrides: { guests: [2, 4], thp: ["always"] },
        ...{ host: "emulated", jobs: cores, trace: false, fork: true, fresh: false },
        ...{ strict: false, on: undefined },
        withNames: true,
        command: ["run", "smoke", "--set", "guests=2,4", "--set=thp=always", "--with-names"],
      },
      ...{ plan: false, yes: false, talk: "normal", open: false, json: false },
    },
  );
  const resumed = await requestOf("run", "--resume", "r", "--no-fork");
  assertEquals((resumed as { run: { resume: string; fork: boolean } }).run.resume, "r");
  assertEquals((resumed as { run: { resume: string; fork: boolean } }).run.fork, false);
  assertEquals(await requestOf("view", "a", "b", "--port", "8000"), {
    runs: ["a", "b"],
    port: 8000,
  });
  assertEquals(await requestOf("query", "r", "--json", "--", "-- a comment\nSELECT 1"), {
    run: "r",
    asked: { question: "-- a comment\nSELECT 1" },
    ...{ format: "json", full: false, engine: "wasm" },
  });
});

Deno.test("parseCommandLine() refuses in words, and names what is nearest", async () => {
  const refusals: [words: string[], says: string][] = [
    [["rum"], 'Did you mean "run"?'],
    [["help", "rum"], 'Did you mean "run"?'],
    [
      ["run", "--hots", "x"],
      'Cannot use "--hots": there is no such option\nDid you mean "--host"?',
    ],
    [["run", "-x"], 'Cannot use "-x"'],
    [["run", "a", "b"], '"b" is one word too many'],
    [["--version", "a"], '"a" is one word too many'],
    [["completion", "bash", "zsh"], '"zsh" is one word too many'],
    [["help", "run", "verify"], "name one verb"],
    [["doctor", "now"], '"now" is one word too many'],
    [["compare", "one"], "it needs RUN"],
    [["query"], "it needs RUN"],
    [["query", "r", "q", "-f", "x"], "the question is there twice"],
    [["query", "r", "q", "--json", "--format", "csv"], "exclude each other"],
    [["query", "r", "q", "--format", "cvs"], 'Did you mean "csv"?'],
    [["run", "-q", "-v"], "--quiet and --verbose"],
    [["run", "--resume", "r", "--plan"], "Cannot plan a run that has begun"],
    [["run", "--set"], "--set needs a value"],
    [["run", "--jobs", "1", "--jobs", "2"], "--jobs is there twice"],
    [["run", "--jobs", "0"], "--jobs 0: not a whole number from 1 to 256"],
    [["report", "r", "--engine", "nativ"], 'Did you mean "native"?'],
    [["run", "--resume", "r", "--set", "guests=2"], "Cannot resume with other settings"],
    [["run", "--set", "arm=onn"], 'arm: "onn" is not one of stock, off, on, map, flip'],
    [["build", "kernal"], 'Did you mean "kernel"?'],
    [["build", "--deb"], "--deb is for `build kernel`"],
    [["view", "r", "--port=-1"], '"-1" is no port'],
    [["reference", "show", "r"], "there is one reference"],
    [["stress", "--seeds", "3"], "their options are for `stress races`"],
    [["stress", "races", "--seeds", "3..2"], "not N, and not FIRST..LAST"],
    [["stress", "races", "--cpus", "2,1"], "--cpus 1: not a whole number from 2 to 8"],
    [["stress", "races", "--switch", "offf"], 'Did you mean "off"?'],
    [["stress", "soak", "--for", "30"], "--for 30: not a duration like 90s, 30m or 2h"],
    [["stress", "soak", "--for", "0m"], "not a duration"],
    [["stress", "--rounds", "2"], "are for `stress soak`"],
  ];
  for (const [words, says] of refusals) assertStringIncludes(await refusalOf(...words), says);
});

Deno.test("parseCommandLine() answers for help wherever it is asked", async () => {
  const all = await shownBy("help");
  assertStringIncludes(await shownBy(), "./lab help lists all verbs");
  for (const words of [["help"], ["-h"], ["--help"], ["help", "--help"]]) {
    assertEquals(await shownBy(...words), all);
  }
  for (const name of Object.keys(verbs)) {
    assertStringIncludes(all, `  ${name} `);
    const help = await shownBy("help", name);
    assertEquals(await shownBy(name, "--help"), help);
    assertEquals(await shownBy(name, "-h"), help);
    assertEquals(await shownBy("--help", name), help);
    for (const part of [`./lab ${name}`, "\nExamples\n", "\nExit status\n  0  "]) {
      assertStringIncludes(help, part);
    }
  }
  assertEquals(await shownBy("--version"), project.version);
});

Deno.test("every example in the table is a call that is accepted", async () => {
  for (const { examples } of Object.values(verbs)) {
    for (const [call] of examples) {
      const words = [...call.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) =>
        quoted ?? plain!
      );
      await requestOf(...words);
    }
  }
});

Deno.test("what a failed interleaving says of its replay is a call for just that one", async () => {
  const one = { cpus: 4, turn: 1000, mmu: "shadow", changePte: "flip", seed: 7 } as const;
  const call = replayOf("no-flush", one, "6.1");
  const asked = await requestOf(...call.replace("./lab ", "").split(" ")) as StressRequest;
  assertEquals(asked.race.kernel, "no-flush");
  assertEquals([...racesOf({ ...everyRace, ...asked.race.choice })], [one]);
});

Deno.test("docs/VERBS.md is made from the table of verbs", async () => {
  /* To renew it: deno run --allow-read cli/verbs_page.ts > docs/VERBS.md */
  const page = await Deno.readTextFile(new URL("../docs/VERBS.md", import.meta.url));
  assertEquals(page, await verbsPage());
});

Deno.test("parseCommandLine() takes any words or refuses them in words", async () => {
  const word = fc.oneof(
    fc.constantFrom(...Object.keys(verbs), "help", "complete", "--"),
    fc.constantFrom(
      "--set",
      "--json",
      "--jobs",
      "--engine",
      "--port=1",
      "-h",
      "--help",
      "guests=2",
    ),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (words) => {
      try {
        await parseCommandLine(words);
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
      }
    }),
    { seed: 20091208, numRuns: 1000 },
  );
});
