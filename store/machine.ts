// SPDX-License-Identifier: Apache-2.0
/** What this machine is and has, as far as the lab cares. */
import { cacheRoot } from "./cache.ts";
import { freeSpace_mib } from "../base/files.ts";
import { run } from "../base/process.ts";

export interface Machine {
  /** Its name, as the processor gives it. */
  cpu: string;
  arch: string;
  system: string;
  kernel: string;
  cores: number;
  memory_mib: number;
  /** On the file system of the cache. */
  free_mib: number;
  /** The processor's own virtualization, if it shows any. */
  virtualization: "svm" | "vmx" | undefined;
  kvmDevice: boolean;
  /** The running kernel has the knob of the lab's patches. */
  knob: boolean;
}

export async function describeMachine(): Promise<Machine> {
  const cpu = await textOf("/proc/cpuinfo");
  const flags = /^flags\s*:(.*)$/m.exec(cpu)?.[1]?.split(" ") ?? [];
  const release = await textOf("/etc/os-release");
  return {
    cpu: /^model name\s*:\s*(.+)$/m.exec(cpu)?.[1] ?? "unknown",
    arch: Deno.build.arch,
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? Deno.build.os,
    kernel: Deno.osRelease(),
    cores: navigator.hardwareConcurrency,
    memory_mib: Math.floor(Deno.systemMemoryInfo().total / 2 ** 20),
    free_mib: await freeSpace_mib(await nearestThere(cacheRoot())),
    virtualization: flags.includes("svm") ? "svm" : flags.includes("vmx") ? "vmx" : undefined,
    kvmDevice: await isThere("/dev/kvm"),
    knob: await isThere("/sys/module/kvm/parameters/change_pte"),
  };
}

/** Deno opens /proc, /dev and /sys to nobody who may not do everything, so others have to look. */
async function textOf(path: string): Promise<string> {
  const { stdout } = await run("cat", [path], look);
  return stdout;
}

async function isThere(path: string): Promise<boolean> {
  const { status } = await run("test", ["-e", path], look);
  return status === 0;
}

const look = { purpose: "look at this machine", timeLimit_s: 10, accept: [1] };

/** The cache's folder may not have been made yet; the file system is that of its parent. */
async function nearestThere(path: string): Promise<string> {
  return await isThere(path) || path === "/"
    ? path
    : await nearestThere(path.slice(0, path.lastIndexOf("/")) || "/");
}
