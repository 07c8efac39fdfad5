// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { availableIn, availableMemory_mib } from "./memory.ts";

const meminfo = "==> /proc/meminfo <==\nMemTotal: 8000000 kB\nMemAvailable:   4096000 kB\n";

Deno.test("availableIn() takes the kernel's word, or the container's where that is less", () => {
  assertEquals(availableIn(meminfo), 4000);
  const group = (max: string) =>
    `${meminfo}\n==> /sys/fs/cgroup/memory.max <==\n${max}\n` +
    `\n==> /sys/fs/cgroup/memory.current <==\n${1000 * 2 ** 20}\n` +
    `\n==> /sys/fs/cgroup/memory.stat <==\nanon 1\ninactive_file ${200 * 2 ** 20}\n`;
  assertEquals(availableIn(group("max")), 4000);
  assertEquals(availableIn(group(`${3000 * 2 ** 20}`)), 2200);
});

Deno.test("availableMemory_mib() finds some on this machine", async () => {
  const mib = await availableMemory_mib();
  assert(mib > 100 && mib < Deno.systemMemoryInfo().total / 2 ** 20, `${mib} MiB`);
});
