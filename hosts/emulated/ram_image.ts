// SPDX-License-Identifier: Apache-2.0
/**
 * What a machine without a loader begins with: its memory as a file that holds the kernel, the archive
 * that it boots from, and what PVH has a loader tell it (Xen, docs/misc/pvh.pandoc;
 * include/xen/interface/hvm/start_info.h). The firmware (emulator/bochs/rom.S) only jumps.
 */
import { LabError } from "../../base/errors.ts";

/** Addresses in memory that the firmware and the kernel agree upon. */
const startInfoAt = 0x6000;
const entryAt = startInfoAt - 16;
const moduleAt = 0x6100;
const memoryMapAt = 0x6200;
const commandLineAt = 0x7000;
/** Linux takes no more (COMMAND_LINE_SIZE). */
const longestCommandLine = 2048;

const startInfoMagic = 0x336e_c578;
const startInfoVersion = 1;
const ram = 1;
const reserved = 2;

/** What a PC has below its first MiB: memory, then screen and firmware. */
const lowMemoryEnd = 0x9_f000;
const highMemory = 0x10_0000;

/** Of ELF: program headers that are loaded, and notes. */
const [loaded, notes] = [1, 4] as const;
/** XEN_ELFNOTE_PHYS32_ENTRY, include/xen/interface/elfnote.h. */
const entryNote = 18;
const pageBytes = 4096;

/** What goes into memory. */
export interface RamContent {
  /** The kernel: an ELF file with PVH's note. */
  kernel: Uint8Array;
  /** The archive. */
  archive: Uint8Array;
  commandLine: string;
  memory_mib: number;
  /** Behind the memory: reserved for what is shared. */
  shared_mib: number;
}

/** A part of memory. */
export interface Piece {
  at: number;
  bytes: Uint8Array;
}

/**
 * The parts of memory that are not zero.
 *
 * @throws {LabError} when the kernel cannot be entered by PVH, or the memory is too small.
 */
export function ramPieces({ kernel, archive, commandLine, ...sizes }: RamContent): Piece[] {
  const memoryEnd = sizes.memory_mib * 2 ** 20;
  const sharedEnd = memoryEnd + sizes.shared_mib * 2 ** 20;
  const { segments, entry, end } = readKernel(kernel);
  const archiveAt = Math.floor((memoryEnd - archive.length) / pageBytes) * pageBytes;
  if (archiveAt < end) {
    throw new LabError(
      `Cannot boot the host: its ${sizes.memory_mib} MiB of memory do not hold what it boots from`,
      "Set host_memory_mib to more, or to 0 for as much as is needed",
    );
  }
  const line = new TextEncoder().encode(`${commandLine}\0`);
  if (line.length > longestCommandLine) {
    throw new LabError(`Cannot boot the host: its kernel's command line is too long`);
  }
  const map = [
    [0, lowMemoryEnd, ram],
    [lowMemoryEnd, highMemory, reserved],
    [highMemory, memoryEnd, ram],
    [memoryEnd, sharedEnd, reserved],
  ] as const;
  const startInfo = [
    ...[u32(startInfoMagic), u32(startInfoVersion), u32(0), u32(1)],
    ...[u64(moduleAt), u64(commandLineAt), u64(0)],
    ...[u64(memoryMapAt), u32(map.length), u32(0)],
  ];
  return [
    { at: entryAt, bytes: Uint8Array.from(u32(entry)) },
    { at: startInfoAt, bytes: Uint8Array.from(startInfo.flat()) },
    {
      at: moduleAt,
      bytes: Uint8Array.from([u64(archiveAt), u64(archive.length), u64(0), u64(0)].flat()),
    },
    {
      at: memoryMapAt,
      bytes: Uint8Array.from(
        map.flatMap(([from, to, type]) => [u64(from), u64(to - from), u32(type), u32(0)].flat()),
      ),
    },
    { at: commandLineAt, bytes: line },
    ...segments,
    { at: archiveAt, bytes: archive },
  ];
}

/**
 * Writes memory as a file; where nothing is, it has holes.
 *
 * @param memory_mib the size of the file
 */
export async function writeRam(
  path: string,
  pieces: readonly Piece[],
  memory_mib: number,
): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  await file.truncate(memory_mib * 2 ** 20);
  for (const { at, bytes } of pieces) {
    await file.seek(at, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  }
}

interface Kernel {
  segments: Piece[];
  /** Where it is entered. */
  entry: number;
  /** Behind all that it needs. */
  end: number;
}

function readKernel(kernel: Uint8Array): Kernel {
  const view = new DataView(kernel.buffer, kernel.byteOffset, kernel.byteLength);
  const u64At = (at: number) => Number(view.getBigUint64(at, true));
  const headersAt = u64At(32);
  const [headerBytes, headers] = [view.getUint16(54, true), view.getUint16(56, true)];
  const segments: Piece[] = [];
  let entry: number | undefined;
  let end = 0;
  for (let header = 0; header < headers; header++) {
    const at = headersAt + header * headerBytes;
    const type = view.getUint32(at, true);
    const [offset, address, bytes, inMemory] = [8, 24, 32, 40].map((field) => u64At(at + field));
    if (type === loaded) {
      segments.push({ at: address!, bytes: kernel.subarray(offset, offset! + bytes!) });
      end = Math.max(end, address! + inMemory!);
    } else if (type === notes) {
      entry ??= entryIn(view, offset!, offset! + bytes!);
    }
  }
  if (entry === undefined) {
    throw new LabError("Cannot boot the host: its kernel cannot be entered by PVH");
  }
  return { segments, entry, end };
}

function entryIn(view: DataView, from: number, to: number): number | undefined {
  for (let at = from; at < to;) {
    const [nameBytes, bytes, type] = [0, 4, 8].map((field) => view.getUint32(at + field, true));
    const content = at + 12 + aligned(nameBytes!);
    if (type === entryNote && isXen(view, at + 12)) return view.getUint32(content, true);
    at = content + aligned(bytes!);
  }
  return undefined;
}

function isXen(view: DataView, at: number): boolean {
  return view.getUint32(at) === 0x58656e00;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => value >>> shift & 0xff);
}

function u64(value: number): number[] {
  return [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
}
