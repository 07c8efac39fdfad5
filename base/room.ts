// SPDX-License-Identifier: Apache-2.0
/** Room on disks, proven before it is needed. */
import { noRoom, writing } from "./full_disk.ts";
import { run } from "./process.ts";

/** Bytes of a block as stat(2) counts them, whatever the file system's own are. */
const blockBytes = 512;

/**
 * Creates a file of zeros with its room on the disk, so that who maps it into memory never meets a full
 * disk. fallocate(1) keeps it; its `--posix` does not do, as that of util-linux 2.38 takes a full disk
 * for success. Where the file system cannot, zeros are written.
 *
 * @throws {NoRoom} when there is not so much.
 */
export async function keepRoom(path: string, bytes: number): Promise<void> {
  const { status, stderr } = await run("fallocate", ["--length", String(bytes), path], {
    ...{ purpose: `keep room for ${path}`, timeLimit_s: 60, accept: [1] },
  });
  if (status === 0 && await hasRoom(path, bytes)) return;
  const [, reason] = /(No space left on device|Disk quota exceeded|File too large)/.exec(stderr) ??
    [];
  if (reason !== undefined) throw await noRoom(path, reason.toLowerCase());
  await writing(path, () => writeZeros(path, bytes));
}

async function hasRoom(path: string, bytes: number): Promise<boolean> {
  const { size, blocks } = await Deno.stat(path);
  return size === bytes && (blocks ?? 0) * blockBytes >= bytes;
}

async function writeZeros(path: string, bytes: number): Promise<void> {
  const zeros = new Uint8Array(2 ** 20);
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (let left = bytes; left > 0;) {
    left -= await file.write(zeros.subarray(0, Math.min(left, zeros.length)));
  }
  await file.syncData();
}

/** Bytes that a disk has to have left for whatever was written to it to be believed whole. */
const probe_bytes = 64 * 1024;

/**
 * Whether a disk has room at all. Who finds that it has none after the fact cannot trust what other
 * programs have written meanwhile, as not all of them say that they could not.
 *
 * @throws {NoRoom} when a small file cannot be written into the folder.
 */
export async function requireAnyRoom(folder: string): Promise<void> {
  const path = `${folder}/room`;
  await writing(path, async () => {
    try {
      await Deno.writeFile(path, new Uint8Array(probe_bytes));
    } finally {
      await Deno.remove(path).catch(() => {});
    }
  });
}
