// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { type RamContent, ramPieces, writeRam } from "./ram_image.ts";

const entry = 0x100_0123;
const loadedAt = 0x100_0000;

/** An ELF file with one segment of four bytes, and a note. */
function kernel(noteName = "Xen\0"): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  const header = (at: number, type: number, fields: readonly number[]) => {
    view.setUint32(at, type, true);
    [8, 24, 32, 40].forEach((field, index) =>
      view.setBigUint64(at + field, BigInt(fields[index]!), true)
    );
  };
  header(64, 1, [300, loadedAt, 4, 4096]);
  header(120, 4, [400, 0, 20, 20]);
  bytes.set([1, 2, 3, 4], 300);
  [4, 4, 18].forEach((word, index) => view.setUint32(400 + 4 * index, word, true));
  bytes.set(new TextEncoder().encode(noteName), 412);
  view.setUint32(416, entry, true);
  return bytes;
}

const content: RamContent = {
  ...{ kernel: kernel(), archive: new Uint8Array(5000).fill(7), commandLine: "console=ttyS0" },
  ...{ memory_mib: 32, shared_mib: 64 },
};

Deno.test("ramPieces() has kernel, archive, command line and memory map where PVH says they are", async () => {
  const path = await Deno.makeTempFile();
  try {
    await writeRam(path, ramPieces(content), content.memory_mib);
    const ram = await Deno.readFile(path);
    const view = new DataView(ram.buffer);
    const u64 = (at: number) => Number(view.getBigUint64(at, true));
    assertEquals(ram.length, 32 * 2 ** 20);
    assertEquals([view.getUint32(0x5ff0, true), view.getUint32(0x6000, true)], [entry, 0x336ec578]);
    assertEquals([...ram.slice(loadedAt, loadedAt + 5)], [1, 2, 3, 4, 0]);
    const [module, line, map] = [u64(0x6010), u64(0x6018), u64(0x6028)];
    assertEquals([ram[u64(module)], u64(module + 8), ram[u64(module) + 4999]], [7, 5000, 7]);
    assertEquals(new TextDecoder().decode(ram.slice(line, line + 14)), "console=ttyS0\0");
    const areas = [0, 1, 2, 3].map((index) => {
      const at = map + 24 * index;
      return [u64(at), u64(at + 8), view.getUint32(at + 16, true)];
    });
    assertEquals(areas.at(-1), [32 * 2 ** 20, 64 * 2 ** 20, 2]);
    assertEquals(areas.reduce((sum, [, bytes]) => sum + bytes!, 0), 96 * 2 ** 20);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("ramPieces() refuses a kernel without PVH's note, and memory that is too small", () => {
  assertThrows(() => ramPieces({ ...content, kernel: kernel("Lab\0") }), LabError, "by PVH");
  assertThrows(() => ramPieces({ ...content, memory_mib: 16 }), LabError, "16 MiB");
});
