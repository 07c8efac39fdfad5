// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { lostLines, mergeFragments, requireAll } from "./config.ts";

const fragment = "# A comment\nCONFIG_KVM=y\nCONFIG_KSM=y\n# CONFIG_SWAP is not set\n";

Deno.test("lostLines() finds nothing when every option survived", () => {
  assertEquals(lostLines(fragment, "CONFIG_KVM=y\nCONFIG_KSM=y\n# CONFIG_SWAP is not set\n"), []);
});

Deno.test("lostLines() counts an absent option as off", () => {
  assertEquals(lostLines(fragment, "CONFIG_KVM=y\nCONFIG_KSM=y\n"), []);
});

Deno.test("lostLines() names an option that Kconfig dropped and one that came back", () => {
  assertEquals(lostLines(fragment, "CONFIG_KVM=y\nCONFIG_SWAP=y\n"), [
    "CONFIG_KSM=y",
    "# CONFIG_SWAP is not set",
  ]);
});

Deno.test("requireAll() says what became of a lost option", () => {
  assertThrows(
    () => requireAll(fragment, "CONFIG_KVM=m\nCONFIG_KSM=y\n", "host.config"),
    LabError,
    "CONFIG_KVM=y   (now: CONFIG_KVM=m)",
  );
});

Deno.test("mergeFragments() lets a later fragment overrule an earlier one, line by line", () => {
  assertEquals(
    mergeFragments([fragment, "# Checks\nCONFIG_SWAP=y\n# CONFIG_KSM is not set\n"]),
    "# A comment\nCONFIG_KVM=y\n# Checks\nCONFIG_SWAP=y\n# CONFIG_KSM is not set\n",
  );
});

Deno.test("mergeFragments() leaves a single fragment as it is", () => {
  assertEquals(mergeFragments([fragment]), fragment);
});
