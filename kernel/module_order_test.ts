// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { dirname, join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { dependenciesOf, loadOrder } from "./module_order.ts";

/** What of a module's file is looked at: the strings of its section .modinfo. */
function module(depends: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`\x7fELF\0license=GPL\0depends=${depends}\0retpoline=Y\0`);
}

async function withModules<T>(
  modules: Record<string, string>,
  builtIn: string,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "modules.builtin"), builtIn);
    for (const [path, depends] of Object.entries(modules)) {
      await Deno.mkdir(dirname(join(dir, path)), { recursive: true });
      await Deno.writeFile(join(dir, path), module(depends));
    }
    return await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("loadOrder() puts before each module what it depends on, once, without what is built in", () =>
  withModules(
    {
      "kernel/drivers/block/virtio_blk.ko": "virtio,virtio_ring",
      "kernel/drivers/virtio/virtio-ring.ko": "virtio",
      "kernel/drivers/virtio/virtio.ko": "",
      "kernel/drivers/char/hw_random/unused.ko": "virtio",
      "kernel/fs/erofs/erofs.ko": "libcrc32c",
    },
    "kernel/lib/libcrc32c.ko\nkernel/drivers/char/virtio-console.ko\n",
    async (dir) => {
      const order = await loadOrder(dir, ["virtio_blk", "virtio_console", "erofs"]);
      assertEquals(
        order.map(({ name }) => name),
        ["virtio", "virtio_ring", "virtio_blk", "erofs"],
      );
      assertEquals(order[3]!.content, module("libcrc32c"));
    },
  ));

Deno.test("loadOrder() names a module that is neither there nor built in", () =>
  withModules({ "kernel/a.ko": "b" }, "kernel/c.ko\n", async (dir) => {
    await assertRejects(() => loadOrder(dir, ["c", "a"]), LabError, "it has no module b");
  }));

Deno.test("dependenciesOf() gives the names that a module has in its strings", () => {
  assertEquals(dependenciesOf(module("")), []);
  assertEquals(dependenciesOf(module("virtio-ring,crc16")), ["virtio_ring", "crc16"]);
  assertEquals(dependenciesOf(new Uint8Array([1, 2, 3])), []);
});
