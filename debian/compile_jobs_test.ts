// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { job_mib, jobsFitting, withCompileJobs } from "./compile_jobs.ts";

const there = (mib: number) => () => Promise.resolve(mib);

Deno.test("jobsFitting() has no more compilers than cores, nor than fit into memory", () => {
  assertEquals(jobsFitting(4, 100 * job_mib), 4);
  assertEquals(jobsFitting(4, 3 * job_mib), 3);
  assertEquals(jobsFitting(4, job_mib - 1), 0);
  assertEquals(jobsFitting(4, -1), 0);
});

Deno.test("a build on a machine with little memory has fewer compilers, and says so", async () => {
  const cores = navigator.hardwareConcurrency;
  const said: string[] = [];
  const ask = (available_mib: number, work = (jobs: number) => Promise.resolve(jobs)) =>
    withCompileJobs("it", (text) => said.push(text), work, there(available_mib));
  assertEquals(await ask(100 * cores * job_mib), cores);
  assertEquals(said, []);
  if (cores > 1) {
    assertEquals(await ask(job_mib), 1);
    assertStringIncludes(said[0]!, `by one compiler at a time instead of ${cores}`);
  }
  /* Another that is going on counts, but never leaves this one without any. */
  const beside = await ask(cores * job_mib, () => ask(cores * job_mib));
  assertEquals(beside, 1);
  assertEquals(await ask(cores * job_mib), cores);
});

Deno.test("a build without memory for one compiler is refused", async () => {
  let began = false;
  const work = () => Promise.resolve(began = true);
  const error = await assertRejects(
    () => withCompileJobs("the emulator", () => {}, work, there(job_mib - 1)),
    LabError,
    "Cannot build the emulator",
  );
  assertStringIncludes(error.message, `${job_mib - 1} MiB are available`);
  assert(!began);
});
