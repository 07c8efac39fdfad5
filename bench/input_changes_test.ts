// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { inputChanges, inWords } from "./input_changes.ts";
import { settingsDifference } from "./settings_difference.ts";

const before = {
  compiler: { digest: "a".repeat(64), version: "gcc 12.2.0-14" },
  emulator: { digest: "b".repeat(64), version: "7.2.22" },
  "image kernels": { digest: "c".repeat(64), version: "no packages" },
};

for (const input of Object.keys(before) as (keyof typeof before)[]) {
  Deno.test(`inputChanges() names another ${input} with both versions and digests`, () => {
    const now = { ...before, [input]: { digest: "d".repeat(64), version: "another" } };
    const changes = inputChanges(before, now);
    assertEquals(changes, [{ input, was: before[input], is: now[input] }]);
    const { version, digest } = before[input];
    assertEquals(
      inWords(changes[0]!),
      `${input}: was ${version} (${digest.slice(0, 12)}), is another (dddddddddddd)`,
    );
  });
}

Deno.test("inputChanges() names an input that only one side has", () => {
  const { compiler: _, ...now } = before;
  assertEquals(inputChanges(before, now).map(inWords), [
    "compiler: was gcc 12.2.0-14 (aaaaaaaaaaaa), is absent",
  ]);
  assertEquals(inputChanges(before, before), []);
});

Deno.test("settingsDifference() names what differs with both values", () => {
  assertEquals(
    settingsDifference({ guests: 2, thp: "never" }, { guests: 2, thp: "never" }),
    undefined,
  );
  assertEquals(
    settingsDifference({ guests: 2, thp: "never" }, { guests: 4, thp: "never", live: "on" }),
    "guests was 2, is 4; live was absent, is on",
  );
});
