// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { mergingCases, mergingStep, titleOf } from "./merging.ts";

Deno.test("each way to map memory is put through merging with all states of the switch, alone and with all that there is", () => {
  const cases = mergingCases(["npt", "ept"]);
  assertEquals(new Set(cases.map(titleOf)).size, cases.length);
  for (const changePte of ["off", "on", "map", "flip"] as const) {
    const same = cases.filter((one) => one.changePte === changePte);
    assertEquals(same.length, cases.length / 4);
    assertEquals(new Set(same.map(({ cpus }) => cpus)), new Set([1, 2, 4]));
    assertEquals(
      new Set(same.map(({ all }) => all)),
      new Set([undefined, "log-clear", "log-ring"]),
    );
  }
});

Deno.test("cases of merging can be chosen by words of their titles", () => {
  const chosen = mergingCases(["npt"], ["log-ring", "4 CPUs"]).map(titleOf);
  assertEquals(chosen.length, 12);
  assertEquals(chosen[0], "npt, THP never, switch off, 4 CPUs");
  assertThrows(() => mergingCases(["npt"], ["5 CPUs"]), LabError, "nothing with such a name");
});

Deno.test("what a case has is what its program is told", () => {
  assertEquals(mergingStep("on", 10, 1).command.slice(3), ["dirty-log", "slots", "age", "drop"]);
  const command = mergingStep("flip", 10, 1, { all: "log-ring", kernel: "debug" }).command;
  for (
    const mode of [
      "swap",
      "compact",
      "zero",
      "unmerge",
      "apic",
      "log-ring",
      "hugetlb",
      "flip",
      "slots",
    ]
  ) {
    assertEquals(command.includes(mode), true, mode);
  }
});
