// SPDX-License-Identifier: Apache-2.0
/** The kinds of hosts: each is a folder here whose `mod.ts` exports `hostKind`. */
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";
import type { Report } from "../base/report.ts";
import type { Inputs } from "../contract/trial.ts";
import type { Settings } from "../contract/settings.ts";
import type { Fleet } from "./fleet.ts";
import type { Host } from "./host.ts";
import type { On } from "./pool/on.ts";

/** What is asked of a kind of host. */
export interface Request {
  /** The settings of all trials. */
  settings: readonly Settings[];
  /** How many trials at a time. */
  slots: number;
  /** Where trials can go on from one state: let them. */
  fork: boolean;
  /** Other machines to carry trials out on than this one. */
  on?: On | undefined;
  /** Where progress is said. */
  report: Report;
}

/** Hosts made ready, and all that a run has to say about them. */
export interface Provision {
  /** The kind's name. */
  host: string;
  /** Whether counts repeat to the digit. */
  exact: boolean;
  /** The hosts. */
  fleet: Fleet;
  /** Digests of what a trial with these settings runs on. */
  inputsOf: Host["inputsOf"];
  /** All inputs of the run by name. */
  inputs: Inputs;
  /** A locked source was gone, and a near version took its place. */
  drift: boolean;
  /** The machines that measure, where it is not this one. */
  machine?: Readonly<Record<string, string | number>>;
  /** Wall seconds of each part that was built now. */
  built_s: Readonly<Record<string, number>>;
}

/** A kind of hosts, as its mod.ts exports it. */
export interface HostKind {
  /** That of its folder. */
  name: string;
  /** One line for the help. */
  summary: string;
  /**
   * Why no host of this kind, on this machine, can carry out such a trial: asked before anything is
   * built. Ends a sentence.
   */
  objection(settings: Settings): string | undefined;
  /**
   * Makes hosts ready.
   *
   * @throws {LabError} when a source cannot be fetched, a build fails, a machine cannot be reached.
   */
  provide(request: Request): Promise<Provision>;
}

const folder = new URL("./", import.meta.url);

/** Names of all kinds. */
export async function hostKinds(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && await isFile(new URL(`${name}/mod.ts`, folder))) names.push(name);
  }
  return names.sort();
}

/** What addresses of other machines begin with. */
const scheme = "ssh://";

/**
 * The kind of that name, or hosts of a kind at "ssh://user@host:port".
 *
 * @throws {LabError} when there is none; names those there are.
 */
export async function hostKind(name: string): Promise<HostKind> {
  if (name.startsWith(scheme)) return (await load("ssh")).hostsAt!(name);
  const names = await hostKinds();
  if (!names.includes(name)) {
    const near = nearestWord(name, names);
    throw new LabError(
      `Cannot run on the host "${name}": there is no such kind of host`,
      near === undefined
        ? `Kinds: ${names.join(", ")}; \`./lab doctor\` says what this machine can do`
        : `Did you mean "${near}"?`,
    );
  }
  return (await load(name)).hostKind;
}

/** What a kind's mod.ts exports. */
interface Module {
  hostKind: HostKind;
  /** Hosts of this kind at an address. */
  hostsAt?: (address: string) => HostKind;
}

async function load(name: string): Promise<Module> {
  return await import(new URL(`${name}/mod.ts`, folder).href) as Module;
}

/**
 * Refuses trials that hosts of a kind cannot carry out, before anything is built.
 *
 * @throws {LabError} naming the first trial that hosts of this kind cannot carry out, and why.
 */
export function requireNoObjection(kind: HostKind, settings: readonly Settings[]): void {
  for (const one of settings) {
    const objection = kind.objection(one);
    if (objection === undefined) continue;
    throw new LabError(
      `Cannot run ${one.workload} with arm=${one.arm} on the host "${kind.name}": ${objection}`,
      "`./lab doctor` says what this machine can do",
    );
  }
}

async function isFile(url: URL): Promise<boolean> {
  return await Deno.stat(url).then((info) => info.isFile, () => false);
}
