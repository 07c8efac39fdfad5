// SPDX-License-Identifier: Apache-2.0
/** Modules of a distribution's kernel in an order in which each can be loaded. */
import { basename, dirname, join } from "@std/path";
import { filesBelow } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { runInRoom } from "../debian/room.ts";

/** A module, uncompressed. */
export interface Module {
  /** As the kernel has it: with underscores. */
  name: string;
  content: Uint8Array;
}

const unpackLimit_s = 30;

/**
 * The modules, and before each those that it depends on. What is built into the kernel is left out.
 *
 * @param dir the kernel's folder below lib/modules; modules that are packed are unpacked there.
 * @throws {LabError} when a module is neither there nor built in.
 */
export async function loadOrder(dir: string, wanted: readonly string[]): Promise<Module[]> {
  const files = new Map(
    (await filesBelow(dir)).filter((path) => /\.ko(\.xz)?$/.test(path))
      .map((path) => [nameOf(path), path]),
  );
  const builtIn = new Set(
    (await Deno.readTextFile(join(dir, "modules.builtin"))).trim().split("\n").map(nameOf),
  );
  const order = new Map<string, Module>();
  const add = async (name: string): Promise<void> => {
    if (order.has(name) || builtIn.has(name)) return;
    const path = files.get(name);
    if (path === undefined) {
      throw new LabError(
        `Cannot use this kernel in guests: it has no module ${name}`,
        "Take another package into the lock.json of its kernel line as image",
      );
    }
    const content = await read(join(dir, path));
    for (const needed of dependenciesOf(content)) await add(needed);
    order.set(name, { name, content });
  };
  for (const name of wanted) await add(name);
  return [...order.values()];
}

/** "kernel/drivers/block/virtio-blk.ko.xz" is the module virtio_blk. */
function nameOf(path: string): string {
  return basename(path).replace(/\.ko(\.xz)?$/, "").replaceAll("-", "_");
}

async function read(path: string): Promise<Uint8Array> {
  const plain = path.replace(/\.xz$/, "");
  if (plain !== path) {
    await runInRoom(
      "xz",
      ["--decompress", "--no-warn", `/build/${basename(path)}`],
      { write: { "/build": dirname(path) } },
      { purpose: `unpack ${basename(path)}`, timeLimit_s: unpackLimit_s },
    );
  }
  return await Deno.readFile(plain);
}

/**
 * Names that a module's section .modinfo gives as "depends=a,b". The section is a row of strings, so
 * the text stands in the file as it is.
 */
export function dependenciesOf(module: Uint8Array): string[] {
  const text = new TextDecoder("latin1").decode(module);
  const list = /\0depends=([\w,-]*)\0/.exec(text)?.[1] ?? "";
  return list.split(",").filter((name) => name !== "").map((name) => name.replaceAll("-", "_"));
}
