// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import { join } from "@std/path";
import { LabError } from "./errors.ts";
import { exists } from "./files.ts";
import { commandLine, run } from "./process.ts";

const about = { purpose: "test", timeLimit_s: 20 };

Deno.test("run() passes arguments on untouched by any shell", async () => {
  const { stdout } = await run("printf", ["%s|", "a b", "$HOME", "*"], about);
  assertEquals(stdout, "a b|$HOME|*|");
});

Deno.test("run() shows command, status and the last lines of what the program said", async () => {
  const error = await assertRejects(
    () => run("ls", ["/no such place"], { ...about, purpose: "list it" }),
    LabError,
    'Cannot list it: "ls" failed with exit status 2',
  );
  assertStringIncludes(error.message, "$ ls '/no such place'");
  assertStringIncludes(error.message, "No such file or directory");
});

Deno.test("run() names a program that is not installed", async () => {
  await assertRejects(() => run("no-such-program", [], about), LabError, "is not installed");
});

Deno.test("run() ends a hanging program together with its children", async () => {
  const dir = await Deno.makeTempDir();
  const sign = join(dir, "a child lived on");
  await assertRejects(
    () => run("sh", ["-c", `(sleep 2; touch '${sign}') & sleep 60`], { ...about, timeLimit_s: 1 }),
    LabError,
    "did not finish within 1 s",
  );
  await delay(1500);
  assert(!await exists(sign), "a child is still running");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("run() appends to a log and quotes the log in the error", async () => {
  const dir = await Deno.makeTempDir();
  const log = join(dir, "log");
  await run("echo", ["first"], { ...about, log });
  await assertRejects(
    () => run("sh", ["-c", "echo second; exit 3"], { ...about, log }),
    LabError,
    "| second",
  );
  assertStringIncludes(await Deno.readTextFile(log), "$ echo first\nfirst\n");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("run() hides variables that would change what is built", async () => {
  Deno.env.set("CFLAGS", "-O0");
  const { stdout } = await run("env", [], about);
  Deno.env.delete("CFLAGS");
  assert(!stdout.includes("CFLAGS"));
});

Deno.test("commandLine() quotes what a shell would take apart", () => {
  assertEquals(commandLine("echo", ["it's", "a=b"]), `echo 'it'\\''s' a=b`);
});
