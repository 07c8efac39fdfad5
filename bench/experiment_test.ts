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
  assertEquals(parseOverrides(["guests=2,4", "aslr=false", "kernel=6.1", "workload.pipes=3"]), {
    guests: [2, 4],
    aslr: [false],
    kernel: ["6.1"],
    "workload.pipes": [3],
  });
});

Deno.test("parseOverrides() names a factor that there is not, and text without levels", () => {
  assertThrows(() => parseOverrides(["gusts=2"]), LabError, '"gusts"');
  assertThrows(() => parseOverrides(["guests"]), LabError, "FACTOR=LEVEL");
});
