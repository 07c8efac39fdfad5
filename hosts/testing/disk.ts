// SPDX-License-Identifier: Apache-2.0
/**
 * The disk of a machine that tests reach by ssh: a Debian 12 from locked packages, with sshd, sudo, a
 * boot loader and Debian's own kernel. Its packages are unpacked, not installed: that needs neither root
 * nor the machine itself, and gives the same files everywhere.
 */
import { dirname, join } from "@std/path";
import { sha256OfJson } from "../../base/digest.ts";
import { exists } from "../../base/files.ts";
import { run } from "../../base/process.ts";
import { runsAsRoot } from "../../base/who.ts";
import type { Report } from "../../base/report.ts";
import { fetchDebs, type FetchedDeb, type LockedDeb } from "../../debian/debian.ts";
import { unpackPackages } from "../../debian/packages.ts";
import { cpio } from "../../images/cpio.ts";
import { loadOrder } from "../../kernel/module_order.ts";
import { cached, withScratch } from "../../store/cache.ts";
import { additions, firstInit, links, machineFiles } from "./files.ts";
import lock from "./packages.lock.json" with { type: "json" };

/** What a test machine boots from. */
export interface BuiltDisk {
  /** Its disk, with one file system. */
  disk: string;
  /** Debian's kernel and the archive that finds the disk, for booting without a boot loader. */
  kernel: string;
  initrd: string;
  /** The boot loader, in the form in which QEMU loads it as if it were a kernel. */
  loader: string;
}

/** Raised when the same packages would give another disk. */
const recipeVersion = 2;
const what = "the disk of the test machine";
const room_mib = 3000;
/** Enough for a kernel's package with its modules, and an archive made for it. */
const diskSize = "3G";
const unpackLimit_s = 300;

/** What the first program loads: the rest is on the disk. */
const firstModules = ["virtio_pci", "virtio_blk", "ext4"];

/** What the boot loader can do: find the disk, read and write its variables. */
const loaderModules = ["ext2", "biosdisk", "linux", "loadenv", "normal", "test", "configfile"]
  .concat("echo", "minicmd", "reboot", "serial");

/**
 * The disk, from the cache or made now.
 *
 * @throws {LabError} when a package cannot be fetched or the disk cannot be made.
 */
export async function buildDisk(report: Report): Promise<BuiltDisk> {
  const debs = await fetchDebs(lock.machine as LockedDeb[], { report });
  const digest = sha256OfJson({
    ...{ recipeVersion, firstInit, additions, links, files: machineFiles("") },
    ...{ firstModules, loaderModules, packages: debs.map(({ sha256 }) => sha256) },
  });
  const { dir } = await cached("test-machine", digest, (dir) => {
    report(`making ${what}`);
    return withScratch(
      `test-machine-${digest.slice(0, 12)}`,
      (scratch) => make(debs, scratch, dir),
    );
  }, { what, needs_mib: room_mib, report });
  const [disk, kernel, initrd, loader] = ["disk.img", "vmlinuz", "initrd.cpio", "grub.lkrn"]
    .map((name) => join(dir, name));
  return { disk: disk!, kernel: kernel!, initrd: initrd!, loader: loader! };
}

async function make(debs: readonly FetchedDeb[], scratch: string, dir: string): Promise<void> {
  const root = join(scratch, "root");
  await unpack(debs, root);
  const kernel = await onlyName(join(root, "usr/lib/modules"));
  await writeFiles(root, kernel);
  await writeStatus(debs, root);
  await withTools(root, "usr/bin/kmod", ["--basedir", root, kernel], "depmod");
  const initrd = await firstArchive(root, kernel);
  await Deno.writeFile(join(dir, "initrd.cpio"), initrd);
  await Deno.writeFile(join(root, "boot", `initrd.img-${kernel}`), initrd);
  await Deno.copyFile(join(root, "boot", `vmlinuz-${kernel}`), join(dir, "vmlinuz"));
  await writeLoader(root, scratch, join(dir, "grub.lkrn"));
  await asRoot("mke2fs", [
    ...["-q", "-t", "ext4", "-E", "lazy_itable_init=1,root_owner=0:0", "-O", "^metadata_csum"],
    ...["-d", root, join(dir, "disk.img"), diskSize],
  ]);
}

/** Root's files are root's on the disk also where somebody else makes it. */
async function asRoot(program: string, args: readonly string[]): Promise<void> {
  const isRoot = await runsAsRoot();
  const [first, ...rest] = [...(isRoot ? [] : ["unshare", "--map-root-user", "--"]), program];
  await run(first!, [...rest, ...args], { purpose: `make ${what}`, timeLimit_s: unpackLimit_s });
}

async function unpack(debs: readonly FetchedDeb[], root: string): Promise<void> {
  await Deno.mkdir(join(root, "usr"), { recursive: true });
  /* Debian 12 has one place for programs and libraries, whatever the packages say. */
  for (const name of ["bin", "sbin", "lib", "lib64"]) await Deno.mkdir(join(root, "usr", name));
  await unpackPackages(debs.map(({ path }) => path), root);
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    const place = join(root, name);
    if (!await exists(place)) continue;
    await run("cp", ["--archive", "--force", `${place}/.`, join(root, "usr", name)], {
      purpose: `make ${what}`,
      timeLimit_s: unpackLimit_s,
    });
    await Deno.remove(place, { recursive: true });
    await Deno.symlink(`usr/${name}`, place);
  }
}

async function writeFiles(root: string, kernel: string): Promise<void> {
  const files = machineFiles(kernel);
  for (const [path, { from, more }] of Object.entries(additions)) {
    files[path] = await Deno.readTextFile(join(root, from)) + more;
  }
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(join(root, dirname(path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), content);
  }
  for (const [path, target] of Object.entries(links)) {
    await Deno.mkdir(join(root, dirname(path)), { recursive: true });
    await Deno.remove(join(root, path)).catch(() => {});
    await Deno.symlink(target, join(root, path));
  }
  for (const path of ["dev", "proc", "sys", "run", "tmp", "root", "home/lab", "boot/grub"]) {
    await Deno.mkdir(join(root, path), { recursive: true });
  }
  await Deno.chmod(join(root, "tmp"), 0o1777);
  await Deno.chmod(join(root, "etc/shadow"), 0o640);
  /* Packages are unpacked without it. */
  await Deno.chmod(join(root, "usr/bin/sudo"), 0o4755);
  await withTools(root, "usr/bin/grub-editenv", [join(root, "boot/grub/grubenv"), "create"]);
  await withTools(root, "usr/bin/grub-editenv", [
    join(root, "boot/grub/grubenv"),
    "set",
    "saved_entry=debian",
  ]);
}

/** dpkg then knows what is there, and installs a kernel's package. */
async function writeStatus(debs: readonly FetchedDeb[], root: string): Promise<void> {
  const fields = await Promise.all(debs.map(async ({ path }) => {
    const { stdout } = await run("dpkg-deb", ["--field", path], {
      purpose: `read ${path}`,
      timeLimit_s: unpackLimit_s,
    });
    return `${stdout.trimEnd()}\nStatus: install ok installed\n`;
  }));
  const dpkg = join(root, "var/lib/dpkg");
  for (const name of ["info", "updates", "triggers"]) {
    await Deno.mkdir(join(dpkg, name), { recursive: true });
  }
  await Deno.writeTextFile(join(dpkg, "status"), fields.join("\n"));
  await Deno.writeTextFile(join(dpkg, "available"), "");
}

/** Runs a program of the tree with the tree's own libraries. */
async function withTools(
  root: string,
  program: string,
  args: readonly string[],
  name = program,
): Promise<void> {
  await run(
    join(root, "usr/lib64/ld-linux-x86-64.so.2"),
    [
      ...["--library-path", join(root, "usr/lib/x86_64-linux-gnu")],
      ...["--argv0", name, join(root, program), ...args],
    ],
    { purpose: `make ${what}`, timeLimit_s: unpackLimit_s },
  );
}

async function firstArchive(root: string, kernel: string): Promise<Uint8Array<ArrayBuffer>> {
  const modules = await loadOrder(join(root, "usr/lib/modules", kernel), firstModules);
  return cpio([
    ...["dev", "root"].map((path) => ({ path })),
    {
      path: "bin/busybox",
      data: await Deno.readFile(join(root, "usr/bin/busybox")),
      executable: true,
    },
    { path: "init", data: new TextEncoder().encode(firstInit), executable: true },
    ...modules.map(({ name, content }, at) => ({
      path: `modules/${String(at).padStart(2, "0")}-${name}.ko`,
      data: content,
    })),
  ]);
}

/** QEMU loads it as it would a kernel, so that the disk needs no partition and no sector of its own. */
async function writeLoader(root: string, scratch: string, path: string): Promise<void> {
  const modules = join(root, "usr/lib/grub/i386-pc");
  const config = join(scratch, "grub.cfg");
  const core = join(scratch, "core.img");
  await Deno.writeTextFile(
    config,
    "serial\nterminal_output serial\nset root=(hd0)\nset prefix=(hd0)/boot/grub\n" +
      "configfile (hd0)/boot/grub/grub.cfg\n",
  );
  await withTools(root, "usr/bin/grub-mkimage", [
    ...["--directory", modules, "--format", "i386-pc", "--prefix", "(hd0)/boot/grub"],
    ...["--config", config, "--output", core, ...loaderModules],
  ]);
  const parts = await Promise.all(
    [join(modules, "lnxboot.img"), core].map((part) => Deno.readFile(part)),
  );
  await Deno.writeFile(path, parts[0]!);
  await Deno.writeFile(path, parts[1]!, { append: true });
}

async function onlyName(dir: string): Promise<string> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) names.push(name);
  return names.sort().at(-1)!;
}
