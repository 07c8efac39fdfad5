// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { run } from "../../base/process.ts";
import { reportNothing } from "../../base/report.ts";
import { primitivesIn } from "./around.ts";
import { buildPrimitives } from "./bundle.ts";

Deno.test("primitives says what a process' own operations cost on this machine", async () => {
  const { stdout: allowed } = await run("taskset", ["--cpu-list", "--pid", "1"], {
    ...{ purpose: "ask which CPUs there are", timeLimit_s: 60 },
  });
  /* With one CPU alone both threads share it: that is slow, and right as well. */
  const [cpu, other = cpu] = /: ([\d,-]+)$/m.exec(allowed)![1]!.split(/[,-]/);
  const { stdout, status } = await run(await buildPrimitives(reportNothing), [cpu!, other!, "20"], {
    /* Where there is a KVM that does not work it ends with a complaint. */
    ...{ purpose: "measure this machine", timeLimit_s: 300, accept: [1] },
  });
  const measured = primitivesIn(stdout.trimEnd().split("\n"));
  assertEquals(
    measured.slice(0, 4).map(({ operation, others, rounds }) => [operation, others, rounds]),
    ["asleep", "running"].flatMap((others) =>
      ["interrupt", "process flush"].map((operation) => [operation, others, 20])
    ),
  );
  for (const { least_ticks, median_ticks } of measured.slice(0, 4)) {
    assert(least_ticks > 0 && median_ticks >= least_ticks, stdout);
  }
  /* The rest is of a guest: all of it or, without KVM, nothing. */
  if (status === 0) assert([4, 8].includes(measured.length), stdout);
});
