// SPDX-License-Identifier: Apache-2.0
/** Programs that know good form: they have nothing to say about this tree. */
import { assertEquals } from "@std/assert";
import { run } from "../../base/process.ts";
import { filesWith, root, shellScripts } from "./tree.ts";

/** What a program says about files: nothing, if it finds nothing wrong. */
async function complaints(program: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, args, {
    cwd: root,
    purpose: `look at files with ${program}`,
    timeLimit_s: 600,
    accept: [1],
  });
  return stdout + stderr;
}

Deno.test("shellcheck finds nothing in the shell scripts", async () => {
  assertEquals(await complaints("shellcheck", await shellScripts()), "");
});

Deno.test("shfmt would write the shell scripts as they are (else: shfmt -w FILE)", async () => {
  assertEquals(await complaints("shfmt", ["-d", ...await shellScripts()]), "");
});

Deno.test("clang-format would write the C as it is (else: clang-format -i FILE)", async () => {
  const said = await complaints("clang-format", ["--dry-run", ...filesWith(".c", ".h")]);
  assertEquals(said.match(/^[^\s:]+:\d+(?=:\d+: warning)/gm) ?? [], []);
  assertEquals(said, "");
});
