// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { romFor } from "./mp_table.ts";

const rom = new Uint8Array(0x10000);
const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0) & 0xff;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("romFor() puts a pointer and a table into the firmware whose checksums are right", () => {
  for (const cpus of [1, 2, 4]) {
    const whole = romFor(rom, cpus);
    const view = new DataView(whole.buffer);
    const pointer = whole.slice(0x7f00, 0x7f10);
    assertEquals([text(pointer.slice(0, 4)), sum(pointer)], ["_MP_", 0]);
    const at = view.getUint32(0x7f04, true) - 0xf0000;
    const table = whole.slice(at, at + view.getUint16(at + 4, true));
    assertEquals([text(table.slice(0, 4)), sum(table)], ["PCMP", 0]);
  }
});

Deno.test("romFor() lists each CPU once, the first as the one that boots, and leaves the rest alone", () => {
  const whole = romFor(rom, 2);
  const entries = 0x8000 + 44;
  const processors = [0, 1, 2].map((index) => [...whole.slice(entries + 20 * index).slice(0, 4)]);
  assertEquals(processors.slice(0, 2), [[0, 0, 0x14, 3], [0, 1, 0x14, 1]]);
  assertEquals(processors[2]![0], 1, "the bus follows");
  assertEquals([rom.every((byte) => byte === 0), whole.length], [true, rom.length]);
});
