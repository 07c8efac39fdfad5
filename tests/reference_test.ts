/** The committed reference run still is what the lab measures: on a sample of its trials. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { lab } from "./lab.ts";

/** Each workload, and both arms. */
const sample = 4;

Deno.test("trials of the committed reference give the same records", async () => {
  const { status, stdout, stderr } = await lab("verify", "reference", "--sample", String(sample));
  assertEquals(
    status,
    0,
    `${stderr}\nIf the change is meant: ./lab reference update shows what moved`,
  );
  assertStringIncludes(stdout, `${sample} the same, 0 different`);
});
