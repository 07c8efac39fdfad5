// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { defaultSettings, type Settings } from "../contract/settings.ts";
import { hostKind, hostKinds, requireNoObjection } from "./kinds.ts";

const settings: Settings = { ...defaultSettings, workload: "kernels" };

Deno.test("each folder of hosts/ with a mod.ts is a kind of host of that name", async () => {
  const names = await hostKinds();
  assert(names.includes("emulated"));
  for (const name of names) assertEquals((await hostKind(name)).name, name);
});

Deno.test("hostKind() names the nearest kind, or all there are", async () => {
  await assertRejects(() => hostKind("emulatd"), LabError, "no such kind of host");
  const error = await assertRejects(() => hostKind("zzz"), LabError);
  assert(error.next?.startsWith("Kinds: "), error.next);
});

Deno.test("requireNoObjection() says which trial cannot be carried out, and why", async () => {
  const kind = await hostKind("emulated");
  requireNoObjection(kind, [settings]);
  const large = { ...settings, host_memory_mib: 65_536, swap_mib: 65_536 };
  assertThrows(
    () => requireNoObjection(kind, [settings, large]),
    LabError,
    'arm=off on the host "emulated": it would have 131072 MiB of memory',
  );
});
