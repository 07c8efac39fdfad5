// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import type { Answer } from "../engine/result.ts";
import { madeUpRun } from "../../contract/testdata/run_file.ts";
import { phaseAgreement } from "./control.ts";

const run = madeUpRun();

function cell(phase: string, off: number, within_spread: boolean | null): Answer {
  return {
    ...{ workload: "kernels", condition: "", phase, ordinal: 1, measure: "vmexits", unit: "exits" },
    ...{ seeds: 3, stock: 8100, off, difference: off - 8100, spread: 12, within_spread },
  };
}

function sentences(...rows: Answer[]): string[] {
  return phaseAgreement({ run, answers: { control_by_phase: rows } })
    .map((sentence) => sentence.replaceAll("\u00a0", " "));
}

Deno.test("phaseAgreement() says that everything lies within the spread of the seeds", () => {
  assertEquals(sentences(cell("merge", 8101, true), cell("touch", 8100, true)), [
    "All of 2 measures in 2 phases of kernels differ between off and stock by no more than the " +
    "seeds do among themselves.",
  ]);
});

Deno.test("phaseAgreement() names what lies beyond it, with its numbers", () => {
  assertEquals(sentences(cell("merge", 8101, true), cell("touch", 8120, false)), [
    "1 of 2 measures in 2 phases of kernels differ between off and stock by no more than the seeds " +
    "do among themselves; beyond that are vmexits in touch (8,120 against 8,100, seeds apart by " +
    "12 exits).",
  ]);
});

Deno.test("phaseAgreement() is silent where there is only one seed", () => {
  assertEquals(sentences(cell("merge", 8101, null)), []);
});
