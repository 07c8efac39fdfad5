// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LabError } from "../../../base/errors.ts";
import { machinesIn, machinesInFile } from "./machines.ts";

Deno.test("machinesIn() reads hosts with users, ports and slots", () => {
  assertEquals(
    machinesIn("ssh://a,b@c:22*4,[::1]:2222").map((
      { name, destination, port, slots },
    ) => [name, destination, port, slots]),
    [["a", "a", undefined, undefined], ["b@c:22", "b@c", 22, 4], [
      "[::1]:2222",
      "::1",
      2222,
      undefined,
    ]],
  );
});

Deno.test("machinesIn() refuses what ssh would take for an option, and what stands there twice", () => {
  for (const text of ["ssh://-oProxyCommand=x", "ssh://", "ssh://a;b", "ssh://a b"]) {
    assertThrows(() => machinesIn(text), LabError, "not a host");
  }
  assertThrows(() => machinesIn("ssh://a,a*2"), LabError, "stands there twice");
});

Deno.test("machinesInFile() reads hosts, slots and ssh's configuration, and names what is none", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "config /c\n# ours\na 3 # big\nb\n");
  const machines = await machinesInFile(path);
  assertEquals(machines.map(({ name, slots, config }) => [name, slots, config]), [
    ["a", 3, "/c"],
    ["b", undefined, "/c"],
  ]);
  await Deno.writeTextFile(path, "a many\n");
  await assertRejects(() => machinesInFile(path), LabError, '"a many" is not HOST or HOST SLOTS');
  await Deno.remove(path);
  await assertRejects(() => machinesInFile(path), LabError, "no such file of hosts");
});
