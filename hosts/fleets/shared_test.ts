// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { FakeHost } from "../fake.ts";
import { sharedFleet } from "./shared.ts";

const never = new AbortController().signal;

Deno.test("sharedFleet() leases no more hosts than it has slots, first come, first served", async () => {
  const fleet = sharedFleet(new FakeHost(), 1);
  const first = await fleet.lease(0, never);
  const order: number[] = [];
  const others = [1, 2].map(async (block) => {
    await using _host = await fleet.lease(block, never);
    order.push(block);
  });
  assertEquals(order, []);
  await first[Symbol.asyncDispose]();
  await Promise.all(others);
  assertEquals(order, [1, 2]);
});

Deno.test("sharedFleet() ends the waiting of those who are interrupted, and of them alone", async () => {
  const fleet = sharedFleet(new FakeHost(), 1);
  const first = await fleet.lease(0, never);
  const interrupted = new AbortController();
  const waiting = fleet.lease(1, interrupted.signal);
  const patient = fleet.lease(2, never);
  interrupted.abort();
  await assertRejects(() => waiting, LabError, "interrupted");
  await first[Symbol.asyncDispose]();
  await (await patient)[Symbol.asyncDispose]();
  await assertRejects(() => fleet.lease(3, interrupted.signal), LabError, "interrupted");
});
