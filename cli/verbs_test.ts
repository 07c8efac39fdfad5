// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { nearestWord } from "../base/nearest_word.ts";
import type { Machine } from "../store/machine.ts";
import { canBeFound, emulatedVerdict, localVerdict } from "./doctor.ts";
import { counts } from "./run_tests.ts";

const machine: Machine = {
  cpu: "AMD EPYC",
  arch: "x86_64",
  system: "Debian",
  kernel: "6.1",
  cores: 2,
  memory_mib: 8000,
  free_mib: 9000,
  virtualization: "svm",
  kvmDevice: true,
  knob: true,
};

Deno.test("doctor believes in a local host only when a trial guest started", () => {
  assert(localVerdict(machine, undefined).possible);
  assert(!localVerdict(machine, "a trial guest did not start").possible);
  const stock = localVerdict({ ...machine, knob: false }, undefined);
  assert(stock.possible);
  assertStringIncludes(stock.reasons.join(), "the arm stock alone");
  assert(!localVerdict({ ...machine, virtualization: undefined }, undefined).possible);
});

Deno.test("doctor says what stands against an emulated host", () => {
  assert(emulatedVerdict(machine, []).possible);
  assertStringIncludes(
    emulatedVerdict({ ...machine, memory_mib: 900 }, []).reasons.join(),
    "900 MiB",
  );
});

Deno.test("doctor passes over what it cannot look into", async () => {
  /* Root may look into everything, so a name that no folder can have stands for what may not be read. */
  const folder = `/${"x".repeat(300)}`;
  await assertRejects(() => Deno.lstat(`${folder}/gcc`), Error, "too long");
  assert(!await canBeFound(`${folder}/gcc`));
  assert(await canBeFound(import.meta.filename!));
});

Deno.test("nearestWord() finds the slip and not a stranger", () => {
  assertEquals(nearestWord("rnu", ["run", "report"]), "run");
  assertEquals(nearestWord("zzzzzz", ["run", "report"]), undefined);
});

Deno.test("counts() reads the runner's totals", () => {
  const junit = '<testsuites name="deno test" tests="9" failures="2" errors="0" time="1.2">';
  assertEquals(counts(junit, 1), { passed: 7, failed: 2 });
});

Deno.test("counts() never calls a runner that failed a success", () => {
  assertEquals(counts("", 1), { passed: 0, failed: 1 });
});
