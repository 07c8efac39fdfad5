// SPDX-License-Identifier: Apache-2.0
/** Machines for tests that are reached by ssh: this one, once for each sshd of the test's own. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { run } from "../base/process.ts";

const firstPort = 22_871;
const lifetime_s = 3600;
const tries = 100;

/** A machine: its name, or with the folders in which it looks for programs. */
type Wanted = string | { name: string; path: string };

export class TestMachines implements AsyncDisposable {
  readonly #ends = new AbortController();
  readonly #ended: Promise<unknown>[] = [];

  private constructor(readonly dir: string, readonly names: readonly string[]) {}

  /** The file that `--on` takes. */
  get hosts(): string {
    return join(this.dir, "hosts");
  }

  /** Begins a daemon for each name, with keys that are made now. Each machine has one slot. */
  static async start(...wanted: Wanted[]): Promise<TestMachines> {
    const names = wanted.map((one) => typeof one === "string" ? one : one.name);
    const machines = new TestMachines(
      await Deno.makeTempDir({ prefix: "samepage-sshd-" }),
      names,
    );
    const { dir } = machines;
    const purpose = "prepare machines for a test";
    /* Where sshd shuts itself in before anybody has logged in. */
    await run("mkdir", ["-p", "/run/sshd"], { purpose, timeLimit_s: 10 });
    for (const key of ["host", "user"]) {
      const args = ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, key)];
      await run("ssh-keygen", args, { purpose, timeLimit_s: 60 });
    }
    await Deno.writeTextFile(join(dir, "config"), clientConfiguration(dir, names));
    const list = names.map((name) => `${name} 1\n`).join("");
    await Deno.writeTextFile(machines.hosts, `config ${dir}/config\n${list}`);
    for (const [at, name] of names.entries()) {
      const one = wanted[at]!;
      const more = typeof one === "string" ? "" : `SetEnv PATH=${one.path}\n`;
      await Deno.writeTextFile(
        join(dir, `${name}.conf`),
        daemonConfiguration(dir, name, at) + more,
      );
      machines.#ended.push(
        run("/usr/sbin/sshd", [
          "-D",
          "-f",
          join(dir, `${name}.conf`),
          "-E",
          join(dir, `${name}.log`),
        ], {
          ...{ purpose: `run sshd as ${name}`, timeLimit_s: lifetime_s },
          signal: machines.#ends.signal,
        }).catch(() => {}),
      );
      await machines.#answers(name);
    }
    return machines;
  }

  async #answers(name: string): Promise<void> {
    for (let at = 0; at < tries; at++) {
      const { status } = await run("ssh", ["-F", join(this.dir, "config"), name, "true"], {
        ...{ purpose: "see whether a machine answers", timeLimit_s: 60, accept: [255] },
      });
      if (status === 0) return;
      await delay(100);
    }
    throw new Error(`${name} does not answer: see ${this.dir}`);
  }

  /** As when its power goes: the daemon and all connections, at once. */
  async kill(name: string): Promise<void> {
    const pid = (await Deno.readTextFile(join(this.dir, `${name}.pid`))).trim();
    const purpose = "kill a machine";
    const { stdout } = await run("cat", [`/proc/${pid}/task/${pid}/children`], {
      purpose,
      timeLimit_s: 10,
    });
    const all = [pid, ...stdout.trim().split(" ").filter((one) => one !== "")];
    await run("kill", ["-KILL", ...all], { purpose, timeLimit_s: 10 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ends.abort();
    await Promise.all(this.#ended);
    await Deno.remove(this.dir, { recursive: true });
  }
}

function clientConfiguration(dir: string, names: readonly string[]): string {
  const hosts = names.map((name, at) =>
    `Host ${name}\n  HostName 127.0.0.1\n  Port ${firstPort + at}\n`
  );
  return `${hosts.join("")}Host *
  IdentityFile ${dir}/user
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile ${dir}/known
  LogLevel ERROR
`;
}

function daemonConfiguration(dir: string, name: string, at: number): string {
  return `Port ${firstPort + at}
ListenAddress 127.0.0.1
HostKey ${dir}/host
AuthorizedKeysFile ${dir}/user.pub
PidFile ${dir}/${name}.pid
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
`;
}
