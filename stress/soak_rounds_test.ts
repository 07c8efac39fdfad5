// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { readExperiment } from "../bench/experiment.ts";
import { parseOverrides } from "../bench/overrides.ts";
import {
  damageWays,
  describeAttack,
  describeRound,
  differences,
  type Ended,
  hasReached,
  type Round,
  roundOf,
  runNameIn,
  runWords,
} from "./soak_rounds.ts";

const several = Array.from({ length: 200 }, (_, at) => roundOf(7, at + 1, "6.1"));

Deno.test("roundOf() is the same for a seed and a number, and another for others", () => {
  assertEquals(
    several.slice(0, 9),
    Array.from({ length: 9 }, (_, at) => roundOf(7, at + 1, "6.1")),
  );
  const shown = (one: Round) => JSON.stringify(one);
  assert(new Set(several.map(shown)).size > 190);
  assertNotEquals(roundOf(7, 2, "6.1"), roundOf(8, 1, "6.1"));
});

Deno.test("each way of an attack is drawn before long", () => {
  const attacks = several.flatMap((one) => one.attacks);
  const seen = new Set(
    attacks.map((one) =>
      one.kind === "kill"
        ? `${one.victim} ${one.signal}`
        : one.kind === "fill"
        ? one.disk
        : `${one.of} ${one.way}`
    ),
  );
  assertEquals(seen.size, 2 * 3 + 2 + 2 * damageWays.length, [...seen].join("; "));
});

Deno.test("the runs of rounds are experiments that the lab takes", async () => {
  for (const round of several) {
    const [verb, experiment, ...words] = runWords(round, true);
    assertEquals(verb, "run");
    const set = words.filter((_, at) => words[at - 1] === "--set");
    const { factors } = await readExperiment(experiment!, parseOverrides(set));
    assertEquals([factors.guests, factors.kernel], [[2], ["6.1"]], describeRound(round));
    assertEquals(words.includes("--no-fork"), !round.fork);
  }
});

Deno.test("attacks are told in words", () => {
  const at = { phase: "merge", then_ms: 250 } as const;
  assertEquals(
    describeAttack({ kind: "kill", victim: "emulator", signal: "TERM", at }),
    "SIGTERM to the emulator 250 ms after merge",
  );
  assertEquals(describeAttack({ kind: "fill", disk: "tmp", at }), "tmp full 250 ms after merge");
  assertEquals(
    describeAttack({ kind: "damage", of: "trial", way: "cut short", draw: 3 }),
    "trial cut short",
  );
});

Deno.test("progress tells the run's name and where it is", () => {
  const log = "Seeing what is built\nsmoke-20261127-07: 2 trials, 2 at a time\n1/2 a: boot\n";
  assertEquals(runNameIn(log), "smoke-20261127-07");
  assertEquals(runNameIn("Seeing what is built\n"), undefined);
  assert(hasReached("boot", log) && hasReached("start", "") && !hasReached("merge", log));
});

Deno.test("differences() finds each trial that is not as in the clean run", () => {
  const one = (identity: string, digest: string | null = "d", status = "done"): Ended => ({
    ...{ identity, status, digest },
  });
  const clean = [one("a"), one("b"), one("c")];
  assertEquals(differences([one("c"), one("a"), one("b")], clean), []);
  assertEquals(
    differences([one("a", "e"), one("b", null, "failed"), one("x")], clean),
    ["a has digest e, in the clean run d", "b is failed", "x is no trial of the clean run"],
  );
  assertEquals(differences([one("a")], [one("a", null, "failed")]), [
    "a is failed in the clean run",
  ]);
  assertEquals(differences([one("a"), one("b")], clean), ["1 trials of the clean run are missing"]);
});
