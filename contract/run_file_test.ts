// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { madeUpEntry, madeUpRun } from "./testdata/run_file.ts";
import { DamagedRun, parseRunFile, readRunFile, type RunFile, sealed } from "./run_file.ts";

const parse = (content: object) => parseRunFile(sealed(content), "run.json");
const trial = madeUpEntry("t", { seed: 1 });

function refusal(content: object): string {
  return assertThrows(() => parse(content), DamagedRun).message;
}

Deno.test("parseRunFile() gives back what was written", () => {
  const run = madeUpRun({ trials: [trial], inputs: { agent: { digest: "d", version: "1" } } });
  assertEquals(parse(run), run);
});

Deno.test("parseRunFile() refuses a byte that was changed, and a file without its checksum", () => {
  const text = sealed(madeUpRun({ trials: [trial] }));
  const differs = "its checksum differs";
  assertThrows(
    () => parseRunFile(text.replace('"seed": 1', '"seed": 2'), "f"),
    DamagedRun,
    differs,
  );
  const bare = JSON.stringify(madeUpRun());
  assertThrows(() => parseRunFile(bare, "f"), DamagedRun, differs);
  assertThrows(() => parseRunFile("{", "f"), DamagedRun, "it is not JSON");
  assertThrows(() => parseRunFile("[]", "f"), DamagedRun, "it is not a JSON object");
});

Deno.test("parseRunFile() says which version has written a run of format 1", () => {
  const error = assertThrows(() => parse({ ...madeUpRun(), format: 1 }), LabError);
  assertEquals(error instanceof DamagedRun, false, "there is nothing to repair");
  assertEquals(
    [error.message, error.next],
    [
      'Cannot read "run.json": the run is of format 1, which version 0.1 of the lab has written',
      "Read it with that version, or repeat the run with this one",
    ],
  );
  assertEquals(refusal({ ...madeUpRun(), format: 3 }).includes("its format is 3, not 2"), true);
});

Deno.test("parseRunFile() names the field that is wrong, missing or unknown", () => {
  const { started: _, ...lacking } = madeUpRun();
  const wrong: [object, string][] = [
    [
      { ...madeUpRun(), trials: [{ ...trial, settings: { seed: { deep: 1 } } }] },
      "trials.0.settings",
    ],
    [{ ...madeUpRun(), mode: "fast" }, "mode"],
    [lacking, "started"],
  ];
  for (const [content, field] of wrong) {
    assertEquals(
      refusal(content).startsWith(`Cannot read "run.json": field "${field}`),
      true,
      field,
    );
  }
  assertEquals(refusal({ ...madeUpRun(), colour: "red" }).includes(`"colour"`), true);
});

Deno.test("parseRunFile() refuses names that are no names, twice the same, and paths that leave", () => {
  const one = (changes: object) =>
    madeUpRun({ trials: [{ ...trial, ...changes }] } as Partial<RunFile>);
  for (const name of ["", "..", "a/b", "a b", "-x", "a\n", "ä"]) {
    assertEquals(refusal({ ...madeUpRun(), run: name }).includes('field "run"'), true, name);
    assertEquals(refusal(one({ id: name })).includes('field "trials.0.id"'), true, name);
  }
  for (const records of ["../x", "/x", "a/../../x", "a\\..\\x", "run.json", "trials/u.jsonl"]) {
    assertEquals(refusal(one({ records })).includes("are not trials/t.jsonl"), true, records);
  }
  for (const level of ["", "..", "../../x", "a/b", "a\nb", "on off", "\u001b[2J"]) {
    const settings = { arm: level };
    assertEquals(refusal(one({ settings })).includes("trials.0.settings.arm"), true, level);
    const experiment = { ...madeUpRun().experiment, factors: { arm: ["on", level] } };
    assertEquals(refusal(madeUpRun({ experiment })).includes("factors.arm.1"), true, level);
  }
  for (const factor of ["", "a b", "../x", "workload.a.b", "Arm"]) {
    assertEquals(refusal(one({ settings: { [factor]: 1 } })).includes("settings"), true, factor);
  }
  assertEquals(refusal(madeUpRun({ trials: [trial, trial] })).includes("stands there twice"), true);
});

Deno.test("parseRunFile() refuses what no checksum can be taken of", () => {
  const deep = `{"format":2,"checksum":"","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  for (const text of [deep, '{"format":2,"checksum":"","jobs":1e999}']) {
    assertThrows(() => parseRunFile(text, "f"), DamagedRun);
  }
});

Deno.test("readRunFile() says where no run is", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const error = await readRunFile(dir).catch((error) => error);
    assertEquals(error.message, `Cannot read run "${dir}": it has no run.json`);
  } finally {
    await Deno.remove(dir);
  }
});
