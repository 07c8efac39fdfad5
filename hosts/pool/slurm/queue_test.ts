// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { endingOf, rowsIn, sbatchArguments } from "./queue.ts";

Deno.test("rowsIn() reads elements, and leaves jobs that are no arrays out", () => {
  const text =
    "12|10|3|RUNNING|n1|a2|None\n10|10|4|PENDING||a2|Resources\n7|7|N/A|RUNNING|n2|x|None\n\n";
  assertEquals(rowsIn(text), [
    { job: "12", array: "10", index: 3, state: "RUNNING", node: "n1", tag: "a2", reason: "None" },
    {
      job: "10",
      array: "10",
      index: 4,
      state: "PENDING",
      node: "",
      tag: "a2",
      reason: "Resources",
    },
  ]);
});

Deno.test("a failed node, a preemption and a time limit are told apart; what waits has not ended", () => {
  const said = ["NODE_FAIL", "PREEMPTED", "TIMEOUT", "FAILED", "CANCELLED"].map(endingOf);
  assertEquals(new Set(said).size, 5);
  for (
    const state of ["PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "REQUEUED", "SUSPENDED"]
  ) {
    assertEquals(endingOf(state), undefined);
  }
});

Deno.test("sbatch is told all that was asked for, and the script comes last", () => {
  const args = sbatchArguments({
    ...{ run: "r", tag: "a1", elements: 7, memory_mib: 900, exclude: ["n1", "n2"] },
    ...{ script: "/s/job.sh", logs: "/s/logs" },
  }, {
    ...{ partition: "p", constraint: "c", time: "10:00", account: "x", maxRunning: 3 },
    more: ["qos=low", "nice"],
  });
  for (
    const one of [
      ...["--array=0-6%3", "--partition=p", "--constraint=c", "--time=10:00", "--account=x"],
      ...["--exclude=n1,n2", "--qos=low", "--nice", "--mem=900", "--job-name=samepage-r"],
    ]
  ) assert(args.includes(one), one);
  assertEquals(args.slice(-2), ["/s/job.sh", "a1"]);
});
