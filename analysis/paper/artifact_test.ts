// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertMatch } from "@std/assert";
import { madeUpRun } from "../../contract/testdata/run_file.ts";
import { artifactMarkdown, artifactOf } from "./artifact.ts";

/** Refaults of a pair of trials in each of so many conditions. */
function rows(conditions: number) {
  return Array.from({ length: conditions }, (_, at) =>
    (["off", "on"] as const).map((arm) => ({
      ...{ workload: "w", condition: `guests=${at + 1}`, arm, seed: 1 },
      refaults_per_merged_page: arm === "off" ? 0.5 : 0.01,
    }))).flat();
}

Deno.test("artifactOf() states a claim with its command and the digits expected in each condition", () => {
  const { claims } = artifactOf(madeUpRun(), { refaults_per_merged_page: rows(2) });
  assertEquals(claims.map(({ command }) => command), ["./lab query RUN refaults_per_merged_page"]);
  assertEquals(claims[0]?.expected[1], "w (guests=2): 50 in off, 1 in on (\u221298.0\u00a0%)");
});

Deno.test("artifactOf() stays within two pages whatever a run crosses", () => {
  const artifact = artifactOf(madeUpRun(), { refaults_per_merged_page: rows(500) });
  assertEquals(artifact.claims[0]?.expected.length, 13);
  assertMatch(artifact.claims[0]!.expected.at(-1)!, /^488 more: effects\.csv/);
  // A printed page of Markdown has some 55 lines.
  assert(artifactMarkdown(artifact).split("\n").length < 110);
});
