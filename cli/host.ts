// SPDX-License-Identifier: Apache-2.0
/** `lab host`: a real host looked at, booted with another kernel, put back, or left. */
import { LabError } from "../base/errors.ts";
import { commandLine } from "../base/process.ts";
import { reportToStderr } from "../base/report.ts";
import { objectionToHost, warningsOf } from "../hosts/command/facts.ts";
import { OnHost, scripts } from "../hosts/command/on_host.ts";
import { local, type Reach } from "../hosts/command/reach.ts";
import { kernelPackage } from "../hosts/prepare/package.ts";
import { commandsOf, prepare, undo } from "../hosts/prepare/prepare.ts";
import type { Way } from "../hosts/prepare/ways.ts";
import { scheme } from "../hosts/ssh/address.ts";
import { reachesOf } from "../hosts/ssh/mod.ts";
import type { KernelLine } from "../kernel/lines.ts";
import { kernelPackageOf } from "./kernel_package.ts";

export type HostRequest =
  & {
    host: string;
    /** Say the commands alone. */
    dryRun: boolean;
  }
  & ({ what: "status" | "restore" | "forget" } | { what: "prepare"; prepare: PrepareRequest });

export interface PrepareRequest {
  /** The kernel's package; if not given it is built. */
  deb?: string | undefined;
  /** Of which kernel, if it is built. */
  line: KernelLine;
  by?: Way | undefined;
  wait_s: number;
}

/** @returns the exit status: 1 when something speaks against trials there, or could not be put back. */
export async function host(request: HostRequest): Promise<number> {
  const { dryRun } = request;
  const reaches = await reachesTo(request.host);
  if (request.what === "prepare") return await prepareAll(reaches, request.prepare, dryRun);
  const { what } = request;
  let worst = 0;
  for (const reach of reaches) {
    if (dryRun) console.log(commandOf(reach, [what]));
    else worst = Math.max(worst, await (what === "status" ? status(reach) : settle(reach, what)));
  }
  return worst;
}

/** One after the other: what goes wrong on the first should not happen to all. */
async function prepareAll(
  reaches: readonly Reach[],
  { deb, line, by, wait_s }: PrepareRequest,
  dryRun: boolean,
): Promise<number> {
  if (reaches.some(({ name }) => name === local.name)) {
    throw new LabError(
      "Cannot prepare local: the lab would restart the machine that it runs on",
      "Install the package that `lab build kernel --deb` makes, and restart by hand",
    );
  }
  const kernel = await kernelPackage(deb ?? await kernelPackageOf(line));
  for (const reach of reaches) {
    if (dryRun) {
      for (const words of commandsOf({ kernel, way: by })) {
        console.log(commandOf(reach, words, ["hosts/prepare/kernel.sh"]));
      }
      continue;
    }
    const on = new OnHost(reach);
    const verdict = await prepare(on, { kernel, way: by, wait_s, report: reportToStderr });
    console.log(`${on.name}: ${verdict.says}`);
    if (verdict.prepared) continue;
    if (verdict.next !== undefined) console.log(verdict.next);
    return 1;
  }
  return 0;
}

async function reachesTo(host: string): Promise<Reach[]> {
  if (host === local.name) return [local];
  if (host.startsWith(scheme)) return await reachesOf(host);
  throw new LabError(
    `Cannot reach "${host}": it is neither local nor an address`,
    "Say local, or ssh://user@host:port",
  );
}

/** As a person could type it; what is done there is the script's text. */
function commandOf(
  reach: Reach,
  words: readonly string[],
  texts: readonly string[] = scripts.map((name) => `hosts/command/${name}`),
): string {
  const [program, args] = reach.wrap(["sudo", "-n", "--", "/bin/sh", "-s", "--", ...words]);
  return `cat ${texts.join(" ")} | ${commandLine(program, args)}`;
}

async function status(reach: Reach): Promise<number> {
  const on = new OnHost(reach);
  const probed = await on.probe();
  const objection = objectionToHost(probed);
  console.log(`${on.name}: ${probed.cpu}, Linux ${probed.kernel}, ${probed.memory_mib} MiB`);
  console.log(
    objection === undefined
      ? `Trials can be carried out: ${probed.vendor}, ${probed.cores.length} cores, ` +
        `${probed.hasSwitch ? "with" : "without"} the switch kvm.change_pte`
      : `No trial can be carried out: ${objection}`,
  );
  for (const warning of warningsOf(probed)) console.log(`Mind: ${warning}`);
  const lines = (await on.status()).split("\n");
  for (const line of lines.filter((line) => /^(saved|trial|bundle|running)=./.test(line))) {
    console.log(line.replace("=", ": "));
  }
  return objection === undefined ? 0 : 1;
}

/** What the host keeps of what could not be taken back stays, for another time. */
async function forgetAll(on: OnHost): Promise<string> {
  const left = await undo(on);
  return left === "" ? await on.forget() : left;
}

async function settle(reach: Reach, what: "restore" | "forget"): Promise<number> {
  const on = new OnHost(reach);
  await on.probe();
  const said = (what === "restore" ? await on.restore() : await forgetAll(on)).trim();
  const bad = said.split("\n").filter((line) => /^(failed|busy)=/.test(line));
  for (const line of bad) {
    const [kind, name] = line.split("=");
    console.log(
      `${on.name}: ${
        kind === "busy" ? `the trial ${name} runs there` : `${name} was not put back`
      }`,
    );
  }
  if (bad.length > 0) return 1;
  console.log(
    `${on.name}: ${what === "restore" ? "all is as it was" : "nothing of the lab is left"}`,
  );
  return 0;
}
