// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects } from "@std/assert";
import { LabError } from "../base/errors.ts";
import type { Trial } from "../contract/trial.ts";
import { FakeHost, type FakeOptions } from "../hosts/fake.ts";
import { sharedFleet } from "../hosts/fleets/shared.ts";
import { measureTrials, type SavedState } from "./benchmark.ts";
import { plan } from "./plan.ts";
import { experimentOf } from "./testdata/run.ts";

/** Each phase takes a hundred instructions more than the one before it, and the start a thousand. */
const instructions = ({ phases }: Trial) =>
  phases.reduce((all, _, at) => all + 100 * (at + 1), 1000);

/** Measures the arms of a block on made-up hosts. */
async function measure(
  repetitions: number,
  { whole: wholeOptions = {}, forked: forkedOptions = {}, states = [] }: {
    whole?: FakeOptions;
    forked?: FakeOptions;
    states?: SavedState[];
  } = {},
) {
  const trials = plan(await experimentOf(1), () => ({ kernel: "k" }));
  const whole = new FakeHost({ instructions, ...wholeOptions });
  const forked = new FakeHost({ instructions, ...forkedOptions });
  const said: string[] = [];
  /* A clock that is read before and behind each trial. */
  let cpu_s = 0;
  const { parts, carried } = await measureTrials({
    ...{ trials, whole, forked: sharedFleet(forked, 1), saved: () => states },
  }, {
    ...{ repetitions, slots: 2, signal: new AbortController().signal },
    childrenCpu_s: () => Promise.resolve(cpu_s += 0.5),
    say: (line) => said.push(line),
  });
  const part = (name: string) => parts.find((one) => one.part === name);
  return { trials, whole, forked, parts, carried, part, said };
}

Deno.test("measureTrials() counts each phase once, and takes each wall time as often as asked", async () => {
  const { part, whole, forked, trials } = await measure(3);
  assertEquals(
    ["start", "boot", "load", "settle", "merge", "touch", "end"].map((name) =>
      part(name)?.instructions
    ),
    [1000, 100, 200, 300, 400, 500, 600],
  );
  assertEquals(part("boot")?.wall_s.length, 3);
  assertEquals(part("all arms, each booted")?.cpu_s, 1);
  const cuts = whole.begun.filter((id) => id.includes("-cut"));
  assertEquals(cuts.length, trials[0]!.phases.length + 1);
  const arms = trials.map(({ id }) => id);
  assertEquals(whole.begun.filter((id) => !cuts.includes(id)), [...arms, ...arms, ...arms]);
  assertEquals(forked.begun, [...arms, ...arms, ...arms]);
});

Deno.test("measureTrials() never carries out two trials at a time while it takes times", async () => {
  const { whole, forked } = await measure(1, {
    whole: { takes_ms: 5 },
    forked: { takes_ms: 5 },
  });
  assertEquals([whole.mostAtOnce, forked.mostAtOnce], [2, 1]);
});

Deno.test("measureTrials() takes a state's own cost out of what goes on from it", async () => {
  const state = { wall_s: 0.02, writing_s: 0.01, bytes: 4096, instructions: 1600 };
  const { part, trials } = await measure(1, { forked: { takes_ms: 30 }, states: [state] });
  const all = instructions(trials[0]!);
  assertEquals(part("all arms, each booted")?.instructions, 2 * all);
  assertEquals(part("all arms, from one state")?.instructions, 1600 + 2 * (all - 1600));
  assertEquals(part("  to the state, saved")?.wall_s, [0.02]);
  assertEquals(part("  of that its writing")?.bytes, 4096);
  const [first, second] = ["off", "on"].map((arm) => part(`  going on from it, ${arm}`)!);
  assertEquals([first!.instructions, second!.instructions], [all - 1600, all - 1600]);
  const together = part("all arms, from one state")!.wall_s[0]!;
  const apart = first!.wall_s[0]! + second!.wall_s[0]! + state.wall_s;
  assert(Math.abs(together - apart) < 1e-9, `${together} and ${apart}`);
});

Deno.test("measureTrials() has no part of forks where no state was saved", async () => {
  const { parts } = await measure(1);
  assert(!parts.some(({ part }) => part.includes("state")));
});

Deno.test("measureTrials() gives the records of the trials that were booted whole", async () => {
  const { carried, trials } = await measure(2);
  const texts = carried.map(({ records }) => new TextDecoder().decode(records));
  for (const [at, { identity }] of trials.entries()) assert(texts[at]!.includes(identity));
});

Deno.test("measureTrials() refuses forks that give other records, and trials that fail", async () => {
  await assertRejects(
    () => measure(1, { forked: { script: () => "lies" } }),
    LabError,
    "it gave other records",
  );
  await assertRejects(
    () => measure(1, { forked: { script: () => "failed" } }),
    LabError,
    "guest 0 did not answer in time",
  );
});
