// SPDX-License-Identifier: Apache-2.0
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { LabError } from "../base/errors.ts";
import { checkExperiment, crossLevels, experimentNames, readExperiment } from "./experiment.ts";
import { parseOverrides } from "./overrides.ts";

const valid = { title: "t", question: "q?", factors: { workload: "pagecache", guests: [2, 4] } };

async function refusalOf(content: unknown): Promise<string> {
  const error = await assertRejects(() => checkExperiment("x", content), LabError);
  return error.message;
}

Deno.test("checkExperiment() fills in defaults and makes every factor a list", async () => {
  const experiment = await checkExperiment("x", valid);
  assertEquals(experiment.factors.guests, [2, 4]);
  assertEquals(experiment.factors.thp, ["never"]);
  assertEquals(experiment.phases.at(-1), "end");
});

Deno.test("checkExperiment() names an unknown factor", async () => {
  const message = await refusalOf({ ...valid, factors: { ...valid.factors, geusts: 2 } });
  assertStringIncludes(message, "factors.geusts");
});

Deno.test("checkExperiment() names a field of the wrong type and an impossible value", async () => {
  assertStringIncludes(
    await refusalOf({ ...valid, factors: { ...valid.factors, guests: "four" } }),
    "factors.guests",
  );
  const message = await refusalOf({ ...valid, factors: { ...valid.factors, guests: [2, 1000] } });
  assertStringIncludes(message, "factors.guests, level 2: ");
  assertStringIncludes(message, "64");
  assertStringIncludes(
    await refusalOf({ ...valid, factors: { ...valid.factors, thp: "sometimes" } }),
    "never",
  );
});

Deno.test("checkExperiment() names a field that the form does not have", async () => {
  assertStringIncludes(await refusalOf({ ...valid, sedes: [1] }), "sedes");
  assertStringIncludes(await refusalOf([]), "object");
});

Deno.test("checkExperiment() refuses a level twice, and phases out of order", async () => {
  assertStringIncludes(
    await refusalOf({ ...valid, factors: { ...valid.factors, seed: [1, 2, 1] } }),
    "level 1 twice",
  );
  assertStringIncludes(
    await refusalOf({ ...valid, phases: ["boot", "merge", "load", "end"] }),
    "order",
  );
});

Deno.test("checkExperiment() counts trials before it makes them", async () => {
  const many = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
  const factors = { ...valid.factors, seed: many(1, 1001), guest_memory_mib: many(48, 500) };
  assertStringIncludes(await refusalOf({ ...valid, factors }), "1,001,000 trials");
});

Deno.test("checkExperiment() says what may have been meant", async () => {
  const factors = { ...valid.factors, arm: ["off", "onn"], gusts: 2 };
  const message = await refusalOf({ ...valid, factors, phases: ["boot", "mrege", "end"] });
  assertStringIncludes(
    message,
    'factors.arm, level 2: "onn" is not one of stock, off, on, map, flip',
  );
  assertStringIncludes(message, 'factors.gusts: there is no such factor; did you mean "guests"?');
  assertStringIncludes(message, 'phases, place 2: "mrege" is not one of');
  assertStringIncludes(message, 'did you mean "merge"?');
});

Deno.test("checkExperiment() checks a workload's own parameters", async () => {
  const factors = { workload: "pagecache", "workload.copy_every": 8 };
  assertEquals((await checkExperiment("x", { ...valid, factors })).factors["workload.copy_every"], [
    8,
  ]);
  assertStringIncludes(
    await refusalOf({ ...valid, factors: { ...factors, "workload.copy_every": 0 } }),
    "1 to 1000 (files)",
  );
  assertStringIncludes(
    await refusalOf({ ...valid, factors: { workload: "libraries", "workload.copy_every": 8 } }),
    "neither a setting nor a parameter",
  );
});

Deno.test("checkExperiment() refuses to trace guests whose memory is in two pieces", async () => {
  const traced = (guest_memory_mib: number) => ({
    ...valid,
    factors: { ...valid.factors, observe: "trace", guest_memory_mib },
  });
  assertStringIncludes(await refusalOf(traced(4096)), "guests of 4096 MiB cannot be traced");
  await checkExperiment("x", traced(3072));
});

Deno.test("readExperiment() lists the experiments when there is none of a name", async () => {
  const error = await assertRejects(() => readExperiment("defualt"), LabError);
  assertStringIncludes(error.next ?? "", "default");
});

Deno.test("readExperiment() accepts every experiment that comes with the lab", async () => {
  for (const name of await experimentNames()) await readExperiment(name);
  assert((await experimentNames()).includes("smoke"));
});

Deno.test("crossLevels() crosses all levels, the last factor fastest", () => {
  assertEquals(crossLevels({ a: [1, 2], b: ["x", "y"] }) as unknown, [
    { a: 1, b: "x" },
    { a: 1, b: "y" },
    { a: 2, b: "x" },
    { a: 2, b: "y" },
  ]);
});

Deno.test("parseOverrides() reads levels in the type of their factor", () => {
  assertEquals(parseOverrides(["guests=2,4", "aslr=off", "kernel=6.1", "workload.pipes=3"]), {
    guests: [2, 4],
    aslr: ["off"],
    kernel: ["6.1"],
    "workload.pipes": [3],
  });
});

Deno.test("parseOverrides() names the levels that a factor has", () => {
  assertThrows(() => parseOverrides(["aslr=true"]), LabError, 'did you mean "on"?');
  assertThrows(() => parseOverrides(["guests=0"]), LabError, "guests: 0 is not a whole number");
});

Deno.test("parseOverrides() names a factor that there is not, and text without levels", () => {
  assertThrows(() => parseOverrides(["gusts=2"]), LabError, '"gusts"');
  assertThrows(() => parseOverrides(["guests"]), LabError, "FACTOR=LEVEL");
});
