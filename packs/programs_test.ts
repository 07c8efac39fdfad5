// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { foreign, type Program, programsAmong, requireConsent } from "./programs.ts";

const of = (digest: string) => ({ digest, version: "1" });

Deno.test("programsAmong() knows a program by its digest under its own name, and by nothing else", () => {
  const inputs = {
    "host kernel 6.1 patched": of("mutant"),
    ...{ emulator: of("a"), firmware: of("f"), "image kernels, guests 6.1": of("i") },
    ...{ machine: of("m"), compiler: of("c"), agent: of("g") },
  };
  const built = { emulator: of("a"), "host kernel 6.1 debug": of("mutant") };
  const programs = programsAmong(inputs, built, { firmware: of("f"), emulator: of("b") });
  assertEquals(programs.map(({ name, known }) => [name, known]), [
    ["host kernel 6.1 patched", "the pack's own"],
    ["emulator", "as this lab builds it"],
    ["firmware", "as in the reference run"],
    ["image kernels, guests 6.1", "the pack's own"],
  ]);
  assertEquals(foreign(programs), ["host kernel 6.1 patched", "image kernels, guests 6.1"]);
});

Deno.test("requireConsent() says whose each program is, and refuses those that nobody knows", async () => {
  const program: Program = {
    ...{ name: "emulator", version: "7.2", digest: "abc".repeat(20), known: "the pack's own" },
  };
  const ask = async (trustPrograms: boolean, ownEmulator: boolean, known = program.known) => {
    const said: string[] = [];
    const consent = { trustPrograms, ownEmulator };
    await requireConsent("p", [{ ...program, known }], consent, (line) => said.push(line));
    return said[0];
  };
  await assertRejects(() => ask(false, false), LabError, "emulator");
  const shown = "emulator 7.2 (abcabcabcabc)";
  assertEquals(await ask(true, false), `${shown}: the pack's own`);
  assertEquals(await ask(false, true), `${shown}: the pack's own`);
  assertEquals(
    await ask(false, false, "as in the reference run"),
    `${shown}: as in the reference run`,
  );
});
