// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { type Benchmark, type Part, readBenchmark } from "./benchmark_file.ts";
import { busyLoad, cutsOf, instructionsByPhase, lines } from "./where_time_goes.ts";

const boot: Part = {
  part: "boot",
  wall_s: [3, 1, 2],
  cpu_s: 2.5,
  instructions: 500_000_000,
  bytes: null,
};

function madeUp(changes: Partial<Benchmark> = {}): Benchmark {
  return {
    ...{ format: 1, began: "2026-11-27T10:20:30.000Z", git: null },
    machine: { cpu: "AMD EPYC", cores: 2, memory_mib: 8000 },
    load: { before: 0.1, after: 1 },
    trials: "Workload kernels, 4 guests",
    parts: [boot],
    ...changes,
  };
}

/** The cells of the table's row of that part. */
function cellsOf(part: string, said: readonly string[]): string[] {
  const line = said.join("\n").split("\n").find((line) => line.includes(` ${part} `));
  return line?.split("│").map((cell) => cell.trim()).filter((_, at, all) =>
    at > 0 && at < all.length - 1
  ) ?? [];
}

Deno.test("cutsOf() adds one phase after the other, from none to all", () => {
  assertEquals(cutsOf(["boot", "load", "end"]), [
    [],
    ["boot"],
    ["boot", "load"],
    ["boot", "load", "end"],
  ]);
});

Deno.test("instructionsByPhase() is what each further phase adds, and in all the longest trial", () => {
  const counts = instructionsByPhase(["boot", "load", "end"], [100, 150, 400, 401]);
  assertEquals(counts, { start: 100, boot: 50, load: 250, end: 1 });
});

Deno.test("instructionsByPhase() says nothing of a phase beside a trial that nobody counted", () => {
  const counts = instructionsByPhase(["boot", "load", "end"], [100, undefined, 400, 401]);
  assertEquals(counts, { start: 100, boot: null, load: null, end: 1 });
});

Deno.test("the table has the median, the range, millions of instructions and how many a second", () => {
  const said = lines(madeUp({
    parts: [
      boot,
      { part: "state", wall_s: [0.5], cpu_s: null, instructions: null, bytes: 95 * 2 ** 20 },
      { part: "end", wall_s: [0.01], cpu_s: 0.01, instructions: 42, bytes: null },
    ],
  }));
  assertEquals(cellsOf("boot", said), ["boot", "2.00", "1.00 to 3.00", "2.50", "500.0", "200", ""]);
  assertEquals(cellsOf("state", said), ["state", "0.50", "", "", "", "", "95"]);
  assertEquals(cellsOf("end", said), ["end", "0.01", "", "0.01", "0.0", "", ""]);
});

Deno.test("a comparison has each part of both, and ratios where both were measured", () => {
  const before = madeUp({
    parts: [
      { ...boot, wall_s: [4], cpu_s: 5, instructions: 1_000_000_000 },
      { part: "gone", wall_s: [7], cpu_s: null, instructions: null, bytes: null },
    ],
  });
  const fresh = { part: "fresh", wall_s: [1], cpu_s: null, instructions: 2_000_000, bytes: null };
  const said = lines(madeUp({ parts: [boot, fresh] }), before);
  assertEquals(cellsOf("boot", said), [
    ...["boot", "4.00", "2.00", "0.50", "5.00", "2.50", "0.50", "1000.0", "500.0", "0.50"],
  ]);
  assertEquals(cellsOf("gone", said), ["gone", "7.00", ...Array(8).fill("")]);
  assertEquals(cellsOf("fresh", said), ["fresh", "", "1.00", "", "", "", "", "", "2.0", ""]);
});

Deno.test("a busy machine, another machine and other trials are named", () => {
  const quiet = lines(madeUp(), madeUp()).join("\n");
  assert(!quiet.includes("Warning"), quiet);
  assertStringIncludes(quiet, "on such a machine");
  const load = { before: busyLoad, after: 3 };
  const loud = lines(
    madeUp({ load }),
    madeUp({ load, machine: { cpu: "Other", cores: 64 }, trials: "Workload pagecache" }),
  ).join("\n");
  for (const word of ["busy now", "busy then", "another machine (Other, 64 cores)"]) {
    assertStringIncludes(loud, word);
  }
  assertStringIncludes(loud, "with other trials: Workload pagecache");
});

Deno.test("readBenchmark() reads what was written, and refuses anything else by name", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/before.json`;
    await assertRejects(() => readBenchmark(path), LabError, "there is no such file");
    await Deno.writeTextFile(path, JSON.stringify(madeUp()));
    assertEquals(await readBenchmark(path), madeUp());
    await Deno.writeTextFile(path, JSON.stringify({ ...madeUp(), parts: [] }));
    await assertRejects(() => readBenchmark(path), LabError, `Cannot compare with ${path}: parts`);
    await Deno.writeTextFile(path, "{");
    await assertRejects(() => readBenchmark(path), LabError, "Cannot compare");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
