// SPDX-License-Identifier: Apache-2.0
/** Boots another kernel on a host, once: `lab host prepare`. */
import { join } from "@std/path";
import { sha256 } from "../../base/digest.ts";
import { LabError } from "../../base/errors.ts";
import type { Report } from "../../base/report.ts";
import { type ProbedHost, valuesOf } from "../command/facts.ts";
import { kept, type OnHost, Unreachable } from "../command/on_host.ts";
import { readiness, type Verdict, verdictOn } from "./outcome.ts";
import type { KernelPackage } from "./package.ts";
import { type Way, ways } from "./ways.ts";

export interface PrepareOptions {
  kernel: KernelPackage;
  /** If not given the first that the host has; kexec only where it is asked for. */
  way?: Way | undefined;
  /** How long the host may take to come back. */
  wait_s: number;
  report: Report;
}

const script = await Deno.readFile(join(import.meta.dirname!, "kernel.sh"));

const lookLimit_s = 60;
/** dpkg has the archive for booting made, which takes minutes on a slow machine. */
const installLimit_s = 1800;
/** A kernel, its modules packed for booting, and room to spare. */
const boot_mib = 150;
const again_ms = 2000;

/**
 * Installs a kernel, has the host boot it once, and looks at what came back.
 *
 * @throws {LabError} before anything is changed when the host cannot do that; later when a step fails.
 */
export async function prepare(
  on: OnHost,
  { kernel, way, wait_s, report }: PrepareOptions,
): Promise<Verdict> {
  const before = await on.probe();
  if (before.kernel === kernel.release) return readiness(before);
  const chosen = wayOn(await look(on), before, way, on.name);
  report(`${on.name}: bringing ${kernel.name}`);
  const content = await Deno.readFile(kernel.path);
  const file = `${kept}/packages/${sha256(content).slice(0, 16)}.deb`;
  await on.write(file, content);
  const { state } = await call(on, ["install", file, kernel.name, kernel.release], installLimit_s);
  report(`${on.name}: ${kernel.name} is ${state === "there" ? "there already" : "installed"}`);
  await call(on, ["once", chosen, kernel.release]);
  report(`${on.name}: the next boot, and no other, is ${kernel.release} (${chosen}); restarting`);
  await call(on, ["restart", chosen]);
  const { now, waited_s } = await comeBack(on, before.boot_id, wait_s);
  const verdict = verdictOn({ before, release: kernel.release, now, waited_s });
  if (verdict.fellBack) {
    const words = (await on.carryOut(script, ["last_words", before.boot_id], lookLimit_s)).trim();
    if (words !== "") report(words);
  }
  return verdict;
}

/** The verbs of kernel.sh with their arguments, one after the other; nothing is done. */
export function commandsOf({ kernel, way }: Pick<PrepareOptions, "kernel" | "way">): string[][] {
  const file = `${kept}/packages/DIGEST.deb`;
  return [
    ["look"],
    ["install", file, kernel.name, kernel.release],
    ["once", way ?? "WAY", kernel.release],
    ["restart", way ?? "WAY"],
  ];
}

/** Takes back what was prepared. @returns what could not be, a line each */
export async function undo(on: OnHost): Promise<string> {
  return await on.carryOut(script, ["undo"], installLimit_s);
}

interface Looked {
  ways: string;
  dpkg: string;
  systemctl: string;
  boot_mib: string;
}

async function look(on: OnHost): Promise<Looked> {
  return await call(on, ["look"]) as unknown as Looked;
}

/** How this host is told which kernel to boot. @throws {LabError} where it cannot be told. */
export function wayOn(
  looked: Looked,
  { running }: Pick<ProbedHost, "running">,
  asked: Way | undefined,
  name: string,
): Way {
  const there = ways.filter((one) => looked.ways.split(" ").includes(one));
  const way = asked ?? there.find((one) => one !== "kexec");
  const refuse = (reason: string, next: string) => {
    throw new LabError(`Cannot prepare ${name}: ${reason}`, next);
  };
  if (running !== "") {
    refuse(`the trial ${running} runs there`, `Wait for it, or end it: lab host restore ${name}`);
  }
  if (looked.dpkg === "") {
    refuse("it has no dpkg, and kernels come as Debian packages", "Install the kernel by hand");
  }
  if (looked.systemctl === "") {
    refuse("it has no systemd, by which it is restarted", "Boot the kernel by hand");
  }
  if (way === undefined || !there.includes(way)) {
    refuse(
      asked === undefined
        ? "nothing there boots a kernel once: neither a GRUB that heeds next_entry and reads custom.cfg, nor " +
          "systemd-boot"
        : `it cannot boot a kernel once by ${asked}`,
      there.length === 0
        ? "GRUB_DEFAULT=saved in /etc/default/grub and update-grub give Debian's GRUB both"
        : `It can by ${there.join(", ")}: --by ${there[0]}`,
    );
  }
  if (Number(looked.boot_mib) < boot_mib) {
    refuse(
      `/boot has ${looked.boot_mib} MiB left, a kernel needs ${boot_mib}`,
      "Remove a kernel there",
    );
  }
  return way!;
}

/** Waits until the host has another boot, or the time is up. */
async function comeBack(
  on: OnHost,
  boot_id: string,
  wait_s: number,
): Promise<{ now: ProbedHost | undefined; waited_s: number }> {
  const began_ms = performance.now();
  let now: ProbedHost | undefined;
  for (;;) {
    try {
      now = await on.probe();
      if (now.boot_id !== boot_id) break;
    } catch (error) {
      /* What was known of the boot before says nothing any more. */
      if (!(error instanceof Unreachable)) throw error;
      now = undefined;
    }
    if (performance.now() - began_ms > wait_s * 1000) break;
    await new Promise((resolve) => setTimeout(resolve, again_ms));
  }
  return { now, waited_s: Math.round((performance.now() - began_ms) / 1000) };
}

async function call(
  on: OnHost,
  words: readonly string[],
  limit_s = lookLimit_s,
): Promise<Record<string, string>> {
  const said = valuesOf(await on.carryOut(script, words, limit_s));
  if (said.failed !== undefined) {
    throw new LabError(
      `Cannot prepare ${on.name}: ${said.failed}`,
      `\`lab host forget ${on.name}\` takes back what was done`,
    );
  }
  return said;
}
