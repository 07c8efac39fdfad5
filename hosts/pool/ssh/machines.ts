// SPDX-License-Identifier: Apache-2.0
/** Which machines are meant by "ssh://a,user@b:2222,c*4", or by a file that lists them. */
import { LabError } from "../../../base/errors.ts";
import { readText } from "../../../base/regular_file.ts";
import type { SshMachine } from "../../ssh_command.ts";

/** A machine, and how many trials it is given at a time. */
export interface PoolMachine extends SshMachine {
  /** As somebody wrote it; what it is called in messages. */
  name: string;
  /** As many as it has processors and memory for, if not given. */
  slots: number | undefined;
}

const scheme = "ssh://";

/** A name that begins with a hyphen would be an option of ssh's. */
const pattern =
  /^((?:[A-Za-z0-9_][\w.-]*@)?(?:[A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+\]))(?::(\d{1,5}))?(?:\*(\d{1,4}))?$/;

/** Whether such words name machines that ssh reaches, rather than a file of them. */
export function areAddresses(text: string): boolean {
  return text.startsWith(scheme);
}

/**
 * Reads "ssh://a,user@b:2222,c*4".
 *
 * @throws {LabError} for what is no address, or stands there twice.
 */
export function machinesIn(text: string): PoolMachine[] {
  const words = text.slice(scheme.length).split(",");
  return eachOnce(words.map((word) => machineOf(word.replace(scheme, ""), undefined)), text);
}

/**
 * Reads a file of machines: a line "HOST" or "HOST SLOTS" each, "config FILE" for ssh's configuration,
 * and "#" before what is for people.
 *
 * @throws {LabError} when it cannot be read, naming the line.
 */
export async function machinesInFile(path: string): Promise<PoolMachine[]> {
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new LabError(
      `Cannot run on "${path}": it is neither "slurm" nor "ssh://...", and there is no such file of hosts`,
      "docs/CLUSTER.md says what can be named",
    );
  }
  let config: string | undefined;
  const machines: PoolMachine[] = [];
  for (const line of text.split("\n").map((line) => line.replace(/#.*/, "").trim())) {
    const [word, value, more] = line.split(/\s+/);
    if (line === "") continue;
    if (word === "config" && value !== undefined) config = value;
    else if (more === undefined && (value === undefined || /^[1-9]\d{0,3}$/.test(value))) {
      const machine = machineOf(word!, config);
      machines.push(value === undefined ? machine : { ...machine, slots: Number(value) });
    } else {throw new LabError(
        `Cannot run on the hosts of ${path}: "${line}" is not HOST or HOST SLOTS`,
      );}
  }
  return eachOnce(machines, path);
}

function machineOf(text: string, config: string | undefined): PoolMachine {
  const [, host, port, slots] = pattern.exec(text) ?? [];
  if (host === undefined) {
    throw new LabError(
      `Cannot run on "${text}": not a host like user@host:port*slots`,
      "User, port and slots may be left out",
    );
  }
  return {
    name: text.replace(/\*\d+$/, ""),
    destination: host.replace(/\[|\]/g, ""),
    port: port === undefined ? undefined : Number(port),
    slots: slots === undefined ? undefined : Number(slots),
    config,
  };
}

function eachOnce(machines: PoolMachine[], where: string): PoolMachine[] {
  if (machines.length === 0) throw new LabError(`Cannot run on ${where}: it names no host`);
  const names = machines.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return machines;
  throw new LabError(`Cannot run on ${where}: ${twice} stands there twice`);
}
