// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { z } from "zod";
import { issueInWords } from "./issues.ts";

Deno.test("what does not fit a form is said without the library's words", () => {
  const form = z.strictObject({
    name: z.string().min(1),
    kind: z.enum(["a", "b"]),
    count: z.int().min(0),
    either: z.union([z.string(), z.number()]),
  });
  const whole = { name: "n", kind: "a", count: 1, either: 1 };
  const said = (content: object) =>
    form.safeParse(content, { reportInput: true }).error?.issues.map(issueInWords).join("; ");
  assertEquals(said(whole), undefined);
  assertEquals(said({ ...whole, more: 1 }), 'has what does not belong there: "more"');
  assertEquals(said({ ...whole, name: "" }), "is too short");
  assertEquals(said({ ...whole, name: 1 }), "is not a text");
  assertEquals(said({ ...whole, kind: "c" }), 'is "c", not one of a, b');
  assertEquals(said({ ...whole, count: -1 }), "is less than 0");
  assertEquals(said({ ...whole, count: 1.5 }), "is not a whole number");
  assertEquals(said({ ...whole, either: null }), "is null, which cannot stand there");
  const { kind: _, ...rest } = whole;
  assertEquals(said(rest), "is missing, not one of a, b");
});
