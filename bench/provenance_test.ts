// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { publicCommand } from "./provenance.ts";

Deno.test("publicCommand() keeps of a file only its name", () => {
  assertEquals(
    publicCommand(["/home/someone/secret/mine.json", "--set", "guests=2", "../x.json"]),
    [
      ...["mine.json", "--set", "guests=2", "x.json"],
    ],
  );
});
