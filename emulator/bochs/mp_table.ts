// SPDX-License-Identifier: Apache-2.0
/**
 * The table by which a kernel without ACPI finds the CPUs and the interrupt controllers: Intel's
 * MultiProcessor Specification 1.4, chapter 4. It lies in the firmware.
 */

/** Where the firmware ends up in memory, and where in it pointer and table lie. */
const romAddress = 0xf0000;
const pointerAt = 0x7f00;
const tableAt = 0x8000;

const version14 = 4;
const ioApic = { address: 0xfec0_0000, version: 0x11 };
const localApic = { address: 0xfee0_0000, version: 0x14 };

/** Entry types. */
const [processor, bus, ioApicEntry, ioInterrupt, localInterrupt] = [0, 1, 2, 3, 4] as const;
const isaBus = 0;
/** Interrupt types: by vector, and what the old controller says by itself. */
const [byVector, nmi, extInt] = [0, 1, 3] as const;
const allLocalApics = 0xff;

/** Of the processor's entry: usable, and the one that boots. */
const [enabled, boots] = [1, 2] as const;
/** Family 6; a floating-point unit and an APIC. Linux reads the processor itself. */
const signature = 0x600;
const features = 0x201;

/** IRQ 2 is where the second old controller was; the timer comes in at its pin. */
const cascade = 2;
const irqs = 16;

/**
 * The firmware with the table for so many CPUs in it.
 *
 * @param rom the firmware as it is built: 64 KiB, with nothing where pointer and table go
 */
export function romFor(rom: Uint8Array, cpus: number): Uint8Array {
  const whole = rom.slice();
  whole.set(pointer(), pointerAt);
  whole.set(table(cpus), tableAt);
  return whole;
}

function pointer(): number[] {
  const bytes = [...text("_MP_", 4), ...u32(romAddress + tableAt), 1, version14, 0, ...zeros(5)];
  return withChecksum(bytes, 10);
}

function table(cpus: number): number[] {
  const ioApicId = cpus;
  const entries = [
    ...Array.from({ length: cpus }, (_, cpu) => [
      ...[processor, cpu, localApic.version, enabled | (cpu === 0 ? boots : 0)],
      ...[...u32(signature), ...u32(features), ...zeros(8)],
    ]),
    [bus, isaBus, ...text("ISA", 6)],
    [ioApicEntry, ioApicId, ioApic.version, enabled, ...u32(ioApic.address)],
    ...Array.from({ length: irqs }, (_, irq) => irq).filter((irq) => irq !== cascade).map((irq) => [
      ...[ioInterrupt, byVector, ...u16(0), isaBus, irq],
      ...[ioApicId, irq === 0 ? cascade : irq],
    ]),
    [localInterrupt, extInt, ...u16(0), isaBus, 0, allLocalApics, 0],
    [localInterrupt, nmi, ...u16(0), isaBus, 0, allLocalApics, 1],
  ];
  const body = entries.flat();
  const headerBytes = 44;
  const header = [
    ...[...text("PCMP", 4), ...u16(headerBytes + body.length), version14, 0],
    ...[...text("SAMEPAGE", 8), ...text("LAB", 12), ...zeros(6), ...u16(entries.length)],
    ...[...u32(localApic.address), ...zeros(4)],
  ];
  return withChecksum([...header, ...body], 7);
}

/** All bytes together are 0 modulo 256. */
function withChecksum(bytes: number[], at: number): number[] {
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return bytes.with(at, -sum & 0xff);
}

function text(words: string, length: number): number[] {
  return [...new TextEncoder().encode(words.padEnd(length, " "))];
}

function u16(value: number): number[] {
  return [value & 0xff, value >>> 8];
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => value >>> shift & 0xff);
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}
