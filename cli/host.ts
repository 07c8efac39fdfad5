// SPDX-License-Identifier: Apache-2.0
/** `lab host`: a real host looked at, put back, or left. */
import { LabError } from "../base/errors.ts";
import { commandLine } from "../base/process.ts";
import { objectionToHost, warningsOf } from "../hosts/command/facts.ts";
import { OnHost } from "../hosts/command/on_host.ts";
import { local, type Reach } from "../hosts/command/reach.ts";
import { scheme } from "../hosts/ssh/address.ts";
import { reachesOf } from "../hosts/ssh/mod.ts";

export interface HostRequest {
  what: "status" | "restore" | "forget";
  host: string;
  /** Say the commands alone. */
  dryRun: boolean;
}

/** @returns the exit status: 1 when something speaks against trials there, or could not be put back. */
export async function host({ what, host, dryRun }: HostRequest): Promise<number> {
  let worst = 0;
  for (const reach of await reachesTo(host)) {
    if (dryRun) console.log(commandOf(reach, what));
    else worst = Math.max(worst, await (what === "status" ? status(reach) : settle(reach, what)));
  }
  return worst;
}

async function reachesTo(host: string): Promise<Reach[]> {
  if (host === local.name) return [local];
  if (host.startsWith(scheme)) return await reachesOf(host);
  throw new LabError(
    `Cannot reach "${host}": it is neither local nor an address`,
    "Say local, or ssh://user@host:port",
  );
}

/** As a person could type it; what is done there is the text of hosts/command/host.sh. */
function commandOf(reach: Reach, what: string): string {
  const [program, args] = reach.wrap(["sudo", "-n", "--", "/bin/sh", "-s", "--", what]);
  return `${commandLine(program, args)} < hosts/command/host.sh`;
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

async function settle(reach: Reach, what: "restore" | "forget"): Promise<number> {
  const on = new OnHost(reach);
  await on.probe();
  const said = (await (what === "restore" ? on.restore() : on.forget())).trim();
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
