// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { judge } from "./host.ts";
import { Received } from "./received.ts";

const done = { sameBoot: true, status: 0, bytes: 0, complaints: 0, said: "" };
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("Received gives whole lines, wherever the pieces end", () => {
  const lines: string[] = [];
  const received = new Received((text) => lines.push(text));
  for (const piece of ["a\nb", "c", "\nd\ne"]) received.add(encode(piece));
  assertEquals(lines, ["a\n", "bc\nd\n"]);
  assertEquals(new TextDecoder().decode(received.bytes()), "a\nbc\nd\ne");
});

Deno.test("judge() trusts what is done, and says why it does not trust anything else", () => {
  const says = (more: Partial<typeof done>, records = "") =>
    judge({ ...done, ...more }, encode(records), "H") ?? "";
  assertEquals(says({}), "");
  assertStringIncludes(says({ sameBoot: false }), "started anew");
  assertStringIncludes(says({ complaints: 2 }), "2 lines of BUG");
  assertStringIncludes(says({ status: 137 }), "was killed");
  assertStringIncludes(
    says({ status: 1, said: "write: No space left on device" }),
    "disk of H is full",
  );
  const failure = { t_ns: 1, phase: "boot", kind: "failures", reason: "guest 0 is gone" };
  assertEquals(says({ status: 1 }, JSON.stringify(failure) + "\n"), "guest 0 is gone");
});
