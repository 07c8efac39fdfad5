// SPDX-License-Identifier: Apache-2.0
/** A Slurm of its own for tests: a controller and two nodes of one CPU each, all of them this machine. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { run } from "../base/process.ts";

/** Ports of the controller and of the nodes, beside those that a Slurm of this machine's has. */
const ports = { controller: 26817, n1: 26818, n2: 26819 } as const;

export type Node = "n1" | "n2";

const lifetime_s = 3600;
const begins_ms = 60_000;

export class TestSlurm implements AsyncDisposable {
  readonly #daemons = new Map<string, { ends: AbortController; ended: Promise<unknown> }>();

  private constructor(readonly dir: string) {}

  /** Begins it, and points SLURM_CONF to it. */
  static async start(): Promise<TestSlurm> {
    const slurm = new TestSlurm(await Deno.makeTempDir({ prefix: "samepage-slurm-" }));
    const { dir } = slurm;
    for (const name of ["state", "n1", "n2"]) await Deno.mkdir(join(dir, name));
    const key = crypto.getRandomValues(new Uint8Array(1024));
    await Deno.writeFile(join(dir, "munge.key"), key, { mode: 0o400 });
    await Deno.writeTextFile(join(dir, "slurm.conf"), configuration(dir));
    Deno.env.set("SLURM_CONF", join(dir, "slurm.conf"));
    try {
      await slurm.#start();
    } catch (error) {
      await slurm[Symbol.asyncDispose]();
      throw error;
    }
    return slurm;
  }

  async #start(): Promise<void> {
    const { dir } = this;
    this.#begin("munged", [
      ...["--foreground", "--force", `--key-file=${dir}/munge.key`],
      ...[`--socket=${dir}/munge.socket`, `--pid-file=${dir}/munged.pid`],
      ...[`--log-file=${dir}/munged.log`, `--seed-file=${dir}/munge.seed`],
    ]);
    await this.#until(async () => (await Deno.stat(`${dir}/munge.socket`)).isSocket === true);
    this.#begin("slurmctld", ["-D", "-f", `${dir}/slurm.conf`]);
    this.beginNode("n1");
    this.beginNode("n2");
    await this.#until(async () => (await this.nodes("idle")).length === 2);
  }

  beginNode(node: Node): void {
    this.#begin(node, ["-D", "-N", node, "-f", `${this.dir}/slurm.conf`], "slurmd");
  }

  /** As when a node's daemon dies: what it has begun goes on. */
  async killNode(node: Node): Promise<void> {
    const pid = (await Deno.readTextFile(`${this.dir}/${node}.pid`)).trim();
    await run("kill", ["-KILL", pid], { purpose: "kill a node", timeLimit_s: 10 });
    await this.#daemons.get(node)!.ended;
  }

  /** What one of Slurm's programs says. */
  async ask(program: string, ...args: string[]): Promise<string> {
    const { stdout } = await run(program, args, {
      purpose: `ask ${program}`,
      timeLimit_s: 60,
      accept: [1],
    });
    return stdout.trim();
  }

  /** The first job that runs: its number, as an element of its array, and its node. */
  async running(): Promise<{ job: string; element: string; node: Node }> {
    const said = await this.ask("squeue", "-h", "-r", "-o", "%A %F_%K %N", "-t", "R");
    const [job, element, node] = said.split("\n")[0]!.split(" ");
    return { job: job!, element: element!, node: node as Node };
  }

  async nodes(state: string): Promise<string[]> {
    const said = await this.ask("sinfo", "-h", "-N", "-o", "%N", `--states=${state}`);
    /* A line for each partition that it is in. */
    return [...new Set(said.split("\n"))].filter((name) => name !== "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ask("scancel", "--user=root").catch(() => {});
    await delay(3000);
    for (const { ends } of this.#daemons.values()) ends.abort();
    await Promise.all([...this.#daemons.values()].map(({ ended }) => ended));
    Deno.env.delete("SLURM_CONF");
    await Deno.remove(this.dir, { recursive: true });
  }

  #begin(name: string, args: string[], program = name): void {
    const ends = new AbortController();
    const ended = run(program, args, {
      ...{ purpose: `run ${name}`, timeLimit_s: lifetime_s, signal: ends.signal },
    }).catch(() => {});
    this.#daemons.set(name, { ends, ended });
  }

  async #until(holds: () => Promise<boolean>): Promise<void> {
    const since_ms = performance.now();
    while (!await holds().catch(() => false)) {
      if (performance.now() - since_ms > begins_ms) {
        throw new Error(`Slurm did not begin: see ${this.dir}`);
      }
      await delay(300);
    }
  }
}

/** A node that does not answer is down after that, s. */
const nodeTimeout_s = 10;

/** A job that was requeued waits until the credentials of its last start are worth nothing: as short as Slurm has it. */
const credentials_s = 5;

function configuration(dir: string): string {
  const host = Deno.hostname();
  const node = (name: Node) =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${
      ports[name]
    } CPUs=1 RealMemory=2000`;
  return [
    "ClusterName=samepage",
    `SlurmctldHost=${host}(127.0.0.1)`,
    "SlurmUser=root",
    `SlurmctldPort=${ports.controller}`,
    "AuthType=auth/munge",
    `AuthInfo=socket=${dir}/munge.socket,cred_expire=${credentials_s}`,
    "CredType=cred/munge",
    `StateSaveLocation=${dir}/state`,
    `SlurmdSpoolDir=${dir}/%n`,
    `SlurmctldPidFile=${dir}/slurmctld.pid`,
    `SlurmdPidFile=${dir}/%n.pid`,
    `SlurmctldLogFile=${dir}/slurmctld.log`,
    `SlurmdLogFile=${dir}/%n.log`,
    ...["ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "MpiDefault=none"],
    ...["SelectType=select/cons_tres", "SelectTypeParameters=CR_Core", "ReturnToService=2"],
    ...["SlurmdParameters=config_overrides", `SlurmdTimeout=${nodeTimeout_s}`, "KillWait=2"],
    "SchedulerParameters=batch_sched_delay=0,sched_interval=2",
    ...[node("n1"), node("n2")],
    ...["PreemptType=preempt/partition_prio", "PreemptMode=REQUEUE"],
    "PartitionName=all Nodes=n1,n2 Default=YES State=UP PriorityTier=1",
    "PartitionName=cancelled Nodes=n1,n2 State=UP PriorityTier=1 PreemptMode=CANCEL",
    "PartitionName=first Nodes=n1,n2 State=UP PriorityTier=9 PreemptMode=OFF",
  ].map((line) => `${line}\n`).join("");
}
