// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { chosenRun, newestFirst } from "./run_names.ts";

const names = [
  "smoke-20261124-113000",
  "smoke-20261124-113000-2",
  "default-20261126-080000",
  "scale-20261125-080000",
  "mine",
];

Deno.test("newestFirst() goes by when runs were begun, not by what they are called", () => {
  assertEquals(newestFirst(names), [
    "default-20261126-080000",
    "scale-20261125-080000",
    "smoke-20261124-113000-2",
    "smoke-20261124-113000",
    "mine",
  ]);
});

Deno.test("chosenRun() takes the beginning of one name, and the newest by its word", () => {
  assertEquals(chosenRun("latest", names), "default-20261126-080000");
  assertEquals(chosenRun("sc", names), "scale-20261125-080000");
  assertEquals(chosenRun("mine", names), "mine");
});

Deno.test("chosenRun() guesses no further: it names what could be meant", () => {
  const refused = (typed: string, among: readonly string[] = names) =>
    assertThrows(() => chosenRun(typed, among), LabError);
  assertEquals(
    refused("smoke").next,
    "The newest of them: smoke-20261124-113000-2, smoke-20261124-113000",
  );
  assertEquals(refused("lates").next, 'Did you mean "latest"?');
  assertEquals(refused("x").next?.startsWith("Runs: default-"), true);
  assertEquals(refused("", names).message.includes('the run ""'), true);
  assertEquals(refused("latest", []).next?.includes("./lab run smoke"), true);
});
