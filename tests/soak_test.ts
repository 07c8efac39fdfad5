// SPDX-License-Identifier: Apache-2.0
/** A short soak: see stress/soak.ts. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { lab } from "./lab.ts";

Deno.test("runs that are disturbed at random end with the trials of runs that are not", async () => {
  const { status, stdout, stderr } = await lab(
    ...["stress", "soak", "--seed", "1", "--rounds", "2", "--for", "1h", "--json"],
  );
  assertEquals(status, 0, stdout + stderr);
  assertStringIncludes(stderr, "The seed is 1");
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ part, passed }) => [part, passed]), Array(3).fill(["soak", true]));
  const [, trials] = /^2 rounds, (\d+) trials, 0 differences$/.exec(lines[2].seen) ?? [];
  assert(Number(trials) >= 2, stdout);
  /* Whether a kill comes in time is up to the machine: what was done in each round is shown. */
  for (const { what, seen } of lines) console.log(`${what}: ${seen}`);
});
