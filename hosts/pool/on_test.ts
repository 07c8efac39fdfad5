// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { sharedFolder, shareOf, slurmOption } from "./on.ts";

Deno.test("a share is a part of one or of a hundred", () => {
  assertEquals(["2%", "0.02", "100%", "0", "1"].map(shareOf), [0.02, 0.02, 1, 0, 1]);
  for (const text of ["2", "101%", "-1%", "x", ""]) assertThrows(() => shareOf(text), LabError);
});

Deno.test("a shared folder's path goes through a shell, and is plain", () => {
  assertEquals(sharedFolder("/shared/a-b_c.d"), "/shared/a-b_c.d");
  for (const path of ["shared", "/a b", "/a|b", "/a,b", "/a'b"]) {
    assertThrows(() => sharedFolder(path), LabError, "Cannot share");
  }
});

Deno.test("an option of sbatch's is one word", () => {
  assertEquals([slurmOption("qos=low"), slurmOption("--nice")], ["qos=low", "nice"]);
  for (const text of ["a b", "", "=x", "-x"]) assertThrows(() => slurmOption(text), LabError);
});
