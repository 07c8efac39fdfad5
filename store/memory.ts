// SPDX-License-Identifier: Apache-2.0
/** Memory that can be had on this machine now. */
import { run } from "../base/process.ts";

/** Of the control group that all others here are in: what a container may have. */
const group = "/sys/fs/cgroup";

/**
 * What programs can still take before the system swaps or ends some: what the kernel says is available,
 * or less where a container may have no more.
 */
export async function availableMemory_mib(): Promise<number> {
  const files = [
    "/proc/meminfo",
    ...["max", "current", "stat"].map((name) => `${group}/memory.${name}`),
  ];
  const { stdout } = await run("head", ["-v", "-c", "65536", ...files], {
    /* 1: outside of a container there are no such files. */
    ...{ purpose: "look at this machine's memory", timeLimit_s: 10, accept: [1] },
  });
  return availableIn(stdout);
}

/** From what head(1) prints of these files, each below its name. */
export function availableIn(text: string): number {
  const sections = new Map(
    [...text.matchAll(/^==> (\S+) <==\n((?:(?!==> ).*\n?)*)/gm)].map((
      [, name, body],
    ) => [name!, body!]),
  );
  const available_kib = /^MemAvailable:\s+(\d+) kB/m.exec(sections.get("/proc/meminfo") ?? "")?.[1];
  const [max, current] = ["max", "current"].map((name) =>
    Number.parseInt(sections.get(`${group}/memory.${name}`) ?? "")
  );
  /* Files that nobody has used for long give way. */
  const files = /^inactive_file (\d+)/m.exec(sections.get(`${group}/memory.stat`) ?? "")?.[1];
  const left = [
    Number(available_kib ?? Infinity) * 1024,
    Number.isNaN(max!) || Number.isNaN(current!) ? Infinity : max! - current! + Number(files ?? 0),
  ];
  return Math.floor(Math.min(...left) / 2 ** 20);
}
