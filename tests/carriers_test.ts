// SPDX-License-Identifier: Apache-2.0
/** Boots what is no guest and what is counted beside the guests: processes, and a census. */
import { assert, assertEquals } from "@std/assert";
import { lab, removeRun, rows as rowsOf, runLine } from "./lab.ts";

/** The answer to a question of a run that is carried out for it. */
async function answerOf(question: string, experiment: string, settings: readonly string[]) {
  const levels = settings.flatMap((each) => ["--set", each]);
  const answer = await lab("run", experiment, ...levels, "--json");
  assertEquals(answer.status, 0, answer.stderr);
  const { run } = runLine(answer);
  try {
    return await rowsOf(run, question);
  } finally {
    await removeRun(run);
  }
}

Deno.test("processes save by KSM what one shared mapping saves, and save it again after writing", async () => {
  const settings = ["kernel=6.1", "carrier=madvise,mapping", "seed=1", "guests=2"];
  const rows = await answerOf("carriers", "process", settings);
  const of = (carrier: string) => rows.find((row) => row.carrier === carrier)!;
  const [merging, mapping] = [of("madvise"), of("mapping")];
  /* Of 2048 pages each process has 1536 in common with the other. */
  assertEquals(merging.pages_sharing, 1536);
  assertEquals([mapping.pages_sharing, merging.copies], [0, merging.write_faults]);
  assert(Math.abs(Number(merging.merged_mib) - Number(mapping.merged_mib)) < 0.2);
  assert(Number(merging.remerged_mib) < Number(mapping.remerged_mib) - 0.5);
});

Deno.test("a census finds what KSM shares among what could be shared", async () => {
  const settings = ["guest_kernel=6.1", "guests=2", "arm=on"];
  const rows = await answerOf("census", "kernels", settings);
  assertEquals(rows.map((row) => row.class), ["data", "zero"]);
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const [could, found] = ["could", "found"].map((each) =>
    sum(`${each}_between`) + sum(`${each}_within`)
  ) as [number, number];
  console.log(`of ${sum("pages")} pages ${could} could be saved, ${found} were`);
  assert(found <= could && found > 0.9 * could);
  assert(could > sum("pages") / 3);
});

Deno.test("guests run Debian's own kernels, with disk, and are spared refaults too", async () => {
  const settings = ["guest_kernel=debian-6.1+debian-6.12", "guest_memory_mib=192", "seed=1"];
  const rows = await answerOf("refaults_per_merged_page", "smoke", settings);
  const of = (arm: string) => rows.find((row) => row.arm === arm)!;
  const [off, on] = [of("off"), of("on")];
  /* The files on the disk alone: 8.4 MiB, in both guests. */
  assert(Number(on.merged_pages) > 2 * 2000);
  assert(Number(off.refaults) > 20 * Number(on.refaults), JSON.stringify(rows));
});
