// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { defaultSettings } from "../../contract/settings.ts";
import type { Trial } from "../../contract/trial.ts";
import { FakeHost } from "../fake.ts";
import { blockFleet } from "./blocks.ts";

const trial: Trial = {
  ...{ id: "t", identity: "i", block: 0, phases: ["boot"] },
  settings: { ...defaultSettings, workload: "kernels" },
};
const never = new AbortController().signal;

Deno.test("a machine that is lost gets no other block, and the next one waits for those that are left", async () => {
  const [good, bad] = [
    new FakeHost({ name: "good" }),
    new FakeHost({ name: "bad", script: () => "lost" }),
  ];
  const fleet = blockFleet([bad, good]);
  {
    await using first = await fleet.lease(0, never);
    assertEquals(first.name, "bad");
    assertEquals((await first.carryOut(trial, () => {}, never)).ended, "lost");
  }
  for (let block = 1; block < 4; block++) {
    await using host = await fleet.lease(block, never);
    assertEquals(host.name, "good");
  }
});

Deno.test("when all machines are lost nobody waits for ever", async () => {
  const fleet = blockFleet([new FakeHost({ name: "only", script: () => "lost" })]);
  const host = await fleet.lease(0, never);
  const waiting = assertRejects(
    () => fleet.lease(1, never),
    LabError,
    "no host is. only: it does not answer",
  );
  await host.carryOut(trial, () => {}, never);
  await host[Symbol.asyncDispose]();
  await waiting;
});
