// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel's source tree, unpacked once for all kernels that are built from it at the same
 * time, and removed when the last of them is done: it takes 0.7 GiB.
 */
import { join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import type { FetchedDeb } from "../debian/debian.ts";
import { LabError } from "../base/errors.ts";
import { exists, removeIfThere, requireSpace } from "../base/files.ts";
import { unpackPackage } from "../debian/packages.ts";
import { applyPatches } from "../debian/patches.ts";
import { runInRoom } from "../debian/room.ts";
import { run } from "../base/process.ts";
import type { Report } from "../base/report.ts";

/** Space that one tree and the archive it comes from take. */
const treeRoom_mib = 1200;

/** Drivers and all take a minute alone, and ten beside other builds. */
const unpackLimit_s = 1800;

/**
 * What an x86 kernel for virtual machines cannot need. Leaving it out halves the tree, and with it
 * the time to write and to remove it. The Kconfig files and Makefiles stay: they are read always.
 */
const leftOut = [
  "arch/[abchilmnoprsu]*.[chS]",
  "arch/[abchilmnoprsu]*.dts*",
  "arch/xtensa/*.[chS]",
  "Documentation/devicetree",
  "Documentation/translations",
  /* The series adds to the tests of KVM, and a patch needs what it changes. */
  "tools/testing/[!s]*",
  "tools/testing/selftests/[!k]*",
  "tools/perf",
  "samples/*.[ch]",
  "sound/*.[ch]",
  "drivers/gpu/drm/*.[ch]",
  "drivers/infiniband/*.[ch]",
  "drivers/media/*.[ch]",
  "drivers/net/ethernet/*.[ch]",
  "drivers/net/wireless/*.[ch]",
  "drivers/scsi/*.[ch]",
  "drivers/staging/*.[ch]",
];

interface SharedTree {
  users: number;
  dir: Promise<string>;
  close: () => void;
}

const open = new Map<string, SharedTree>();

/** Runs `use` with the unpacked tree of a source package. Nobody may write into it. */
export async function withTree<T>(
  deb: FetchedDeb,
  report: Report,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const shared = open.get(deb.sha256) ?? share(deb, report);
  shared.users++;
  try {
    return await use(await shared.dir);
  } finally {
    shared.users--;
    if (shared.users === 0) {
      open.delete(deb.sha256);
      await removeIfThere(treeDir(deb));
      shared.close();
    }
  }
}

function treeDir(deb: FetchedDeb): string {
  return join(cacheRoot(), "tmp", `${deb.name}-${deb.sha256.slice(0, 12)}`);
}

/** Other processes wait for the lock; what they find after it is a killed lab's leftover. */
function share(deb: FetchedDeb, report: Report): SharedTree {
  let lock: Deno.FsFile | undefined;
  const unpacking = (async () => {
    const locks = join(cacheRoot(), "locks");
    await Deno.mkdir(locks, { recursive: true });
    lock = await Deno.open(join(locks, `tree-${deb.name}`), { create: true, write: true });
    if (!await lock.tryLock(true)) {
      report("Waiting for another lab process that uses the kernel's source");
      await lock.lock(true);
    }
    await unpack(deb, treeDir(deb), report);
    return treeDir(deb);
  })();
  const shared = { users: 0, dir: unpacking, close: () => lock?.close() };
  open.set(deb.sha256, shared);
  return shared;
}

async function unpack(deb: FetchedDeb, dir: string, report: Report): Promise<void> {
  await removeIfThere(dir);
  await Deno.mkdir(dir, { recursive: true });
  await requireSpace(dir, treeRoom_mib, `unpack ${deb.name}`);
  report(`unpacking ${deb.name} ${deb.version}`);
  const excludes = leftOut.map((pattern) => `--exclude=${deb.name}/${pattern}`);
  await extract(deb, dir, excludes);
}

/** Adds folders of the source, which the tree may do without, to a copy of it. */
export function unpackMore(
  deb: FetchedDeb,
  copy: string,
  folders: readonly string[],
): Promise<void> {
  return extract(deb, copy, folders.map((folder) => `${deb.name}/${folder}`));
}

async function extract(deb: FetchedDeb, dir: string, which: readonly string[]): Promise<void> {
  const box = `${dir}/.package`;
  await unpackPackage(deb.path, box);
  const archive = join(box, "usr/src", `${deb.name}.tar.xz`);
  if (!await exists(archive)) {
    throw new LabError(`Cannot unpack ${deb.path}: it holds no usr/src/${deb.name}.tar.xz`);
  }
  await runInRoom(
    "tar",
    [
      ...["-xJf", "/in/source.tar.xz", "-C", "/build", "--strip-components=1", "--no-same-owner"],
      ...["--anchored", ...which],
    ],
    { read: { "/in/source.tar.xz": archive }, write: { "/build": dir } },
    { purpose: `unpack the source of ${deb.name}`, timeLimit_s: unpackLimit_s },
  );
  await removeIfThere(box);
}

/**
 * A copy of a tree with patches applied. The copy shares all unpatched files with the original
 * through hard links; patch(1) replaces files, it never writes into them.
 *
 * @param drift see {@linkcode applyPatches}.
 */
export async function patchedCopy(
  tree: string,
  copy: string,
  patches: readonly string[],
  drift: boolean,
  report: Report,
): Promise<void> {
  await run("cp", ["-al", tree, copy], {
    purpose: "copy the kernel's source",
    timeLimit_s: unpackLimit_s,
  });
  await applyPatches(copy, patches, drift, report);
}
