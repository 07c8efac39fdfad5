// SPDX-License-Identifier: Apache-2.0
/** The verbs of host.sh on one host, and how files get there. */
import { join } from "@std/path";
import { sha256 } from "../../base/digest.ts";
import { LabError, NoRoom } from "../../base/errors.ts";
import { Interrupted } from "../../base/interruption.ts";
import { ProgramFailed, run, type RunOptions } from "../../base/process.ts";
import { parseProbe, type ProbedHost, valuesOf } from "./facts.ts";
import type { Reach } from "./reach.ts";

/** What is done on a host, by topic, in the order in which it is one text there. */
export const scripts = ["around.sh", "settings.sh", "host.sh"] as const;

/** All of them. */
export const script = new TextEncoder().encode(
  (await Promise.all(
    scripts.map((name) => Deno.readTextFile(join(import.meta.dirname!, name))),
  )).join(""),
);

/** Below it lies all that the lab keeps on a host. */
export const kept = "/var/lib/samepage-lab";
const scriptPath = `${kept}/host-${sha256(script).slice(0, 16)}.sh`;

/** Looking takes a moment; a bundle of some tens of MiB takes longer over a slow line. */
const lookLimit_s = 60;
const pushLimit_s = 1800;

/** How a trial stands on its host. */
export interface Standing {
  /** Nobody has started the host anew since the trial began. */
  sameBoot: boolean;
  /** The agent's, once it has ended. */
  status: number | undefined;
  /** Of records. */
  bytes: number;
  /** Lines of the host's kernel that complain, since the trial began. */
  complaints: number;
  /** Its last words. */
  said: string;
}

/** The host cannot be reached, or not any more: it may be there again later. */
export class Unreachable extends LabError {}

export class OnHost {
  /** Who logs in there. */
  #user = "USER";

  /** @param sudo who logs in is not root */
  constructor(readonly reach: Reach, private sudo = false) {}

  get name(): string {
    return this.reach.name;
  }

  /**
   * What the host is, before anything is changed.
   *
   * @throws {LabError} when it cannot be reached, or who logs in there cannot become root.
   */
  async probe(): Promise<ProbedHost> {
    if (!this.sudo) {
      const asked = ["/bin/sh", "-c", "id -u; id -un"];
      const [uid, user] = (await this.#start(asked, { timeLimit_s: lookLimit_s })).split("\n");
      this.sudo = uid !== "0";
      this.#user = user || this.#user;
    }
    return parseProbe(await this.#call(["probe"]));
  }

  /** What the verb `status` says, for people. */
  status(): Promise<string> {
    return this.#call(["status"]);
  }

  /** @returns what could not be put back, a line each. */
  async restore(): Promise<string> {
    return await this.#call(["restore"]);
  }

  /** Removes all that the lab keeps there. @returns the trial that forbids it, or what was not put back. */
  async forget(): Promise<string> {
    return await this.#call(["forget"]);
  }

  /** Brings a bundle there, unless it has it. */
  async push(digest: string, path: string): Promise<void> {
    if ((await this.#call(["has_bundle", digest])).trim() === "yes") return;
    await this.write(`${kept}/bundles/${digest}.tar`, await Deno.readFile(path));
    await this.#call(["unpack", digest], pushLimit_s);
  }

  /** @returns why KVM does not work, as the VMM has it; nothing if it does. */
  async tryKvm(digest: string): Promise<string | undefined> {
    const said = (await this.#call(["try_kvm", digest])).trim();
    return said === "works" ? undefined : said;
  }

  /**
   * Begins a trial, or goes on with one of this name and plan that nobody has taken.
   *
   * @param cpus the kernel's numbers of those that it may use
   * @param most_s after that the host ends it by itself
   * @returns how, or the name of another trial that keeps the host busy
   */
  async begin(
    { id, plan, digest, cpus, most_s }: {
      id: string;
      plan: string;
      digest: string;
      cpus: readonly number[];
      most_s: number;
    },
  ): Promise<{ state: "begun" | "again" } | { busy: string }> {
    await this.write(scriptPath, script);
    await this.write(`${kept}/trials/${id}.plan`, new TextEncoder().encode(plan));
    const words = ["begin", id, digest, cpus.join(","), String(most_s), scriptPath];
    const { state, busy } = valuesOf(await this.#call(words));
    return busy === undefined ? { state: state as "begun" | "again" } : { busy };
  }

  /** Records from a byte on, as they come, until there are no more for now. */
  async follow(
    id: string,
    from: number,
    onOutput: (bytes: Uint8Array) => void,
    { limit_s, signal }: { limit_s: number; signal: AbortSignal },
  ): Promise<void> {
    await this.#call(["follow", id, String(from)], limit_s, { onOutput, signal });
  }

  /** How the trial stands. */
  async ended(id: string): Promise<Standing> {
    const said = valuesOf(await this.#call(["ended", id]));
    return {
      sameBoot: said.began === said.boot_id,
      status: said.status === "" ? undefined : Number(said.status),
      bytes: Number(said.bytes),
      complaints: Number(said.complaints),
      said: (said.said ?? "").trim(),
    };
  }

  /** What the host had counted before the trial and behind it, as around.ts reads it. */
  async counted(id: string): Promise<string> {
    return await this.#call(["counted", id]);
  }

  /** Its records are here: they go there. */
  async taken(id: string): Promise<void> {
    await this.#call(["taken", id]);
  }

  /** Ends a trial before its time, and puts back what it has changed. */
  async stop(id: string): Promise<void> {
    await this.#call(["stop", id]);
  }

  /** Carries out a text of the shell's there as root, with a verb and its arguments. @returns what it said */
  carryOut(text: Uint8Array, words: readonly string[], timeLimit_s: number): Promise<string> {
    return this.#start(this.#shell(words), { timeLimit_s, stdin: text });
  }

  /** The words by which a command is carried out as root there. */
  rootWords(words: readonly string[]): string[] {
    return this.sudo ? ["sudo", "-n", "--", ...words] : [...words];
  }

  /** Brings a file there: whole or not at all. */
  async write(path: string, content: Uint8Array): Promise<void> {
    const text = 'umask 077; mkdir -p "${1%/*}" && cat >"$1.part" && mv "$1.part" "$1"';
    await this.#start(this.rootWords(["/bin/sh", "-c", text, "sh", path]), {
      ...{ timeLimit_s: pushLimit_s, stdin: content },
    });
  }

  #call(
    words: readonly string[],
    timeLimit_s = lookLimit_s,
    more: Partial<RunOptions> = {},
  ): Promise<string> {
    return this.#start(this.#shell(words), { timeLimit_s, stdin: script, ...more });
  }

  /** The shell there, which reads what it does from its standard input. */
  #shell(words: readonly string[]): string[] {
    return this.rootWords(["/bin/sh", "-s", "--", ...words]);
  }

  async #start(
    words: readonly string[],
    options: Partial<RunOptions> & { timeLimit_s: number },
  ): Promise<string> {
    const [program, args] = this.reach.wrap(words);
    const purpose = `reach ${this.name}`;
    try {
      const { stdout } = await run(program, args, { purpose, env: this.reach.env, ...options });
      return stdout;
    } catch (error) {
      if (error instanceof Interrupted || !(error instanceof ProgramFailed)) throw error;
      throw inWords(this.name, error, this.#user);
    }
  }
}

/** What programs say, and what it means to whoever runs the lab. */
const meanings: readonly (readonly [sign: RegExp, says: string, next: string])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/,
    "its key is not the one that is known",
    "If it was installed anew, take its old key out with `ssh-keygen -R HOST`, log in once by hand and " +
    "compare the new one",
  ],
  [
    /Permission denied \(/,
    "it does not let this key in",
    "Log in once by hand; the lab asks for nothing: a key with a passphrase needs an ssh-agent",
  ],
  [
    /a password is required|not in the sudoers file|is not allowed to (execute|run)|sudo: not found|sudo: command not found/,
    "who logs in there is not root and may not become it without a password",
    "Log in as root, or have its /etc/sudoers.d/samepage-lab say:\n  {user} ALL=(root) NOPASSWD: /bin/sh",
  ],
];

function inWords(name: string, error: ProgramFailed, user: string): LabError {
  const { message } = error;
  const options = { cause: error };
  if (/No space left on device/.test(message)) {
    return new NoRoom(
      `Cannot write to ${name}: its disk is full`,
      "Make room below /var/lib there",
      options,
    );
  }
  const known = meanings.find(([sign]) => sign.test(message));
  if (known !== undefined) {
    return new LabError(
      `Cannot run on ${name}: ${known[1]}`,
      known[2].replace("{user}", user),
      options,
    );
  }
  const line = message.split("\n").filter((line) => line.startsWith("  | ")).at(-1)?.slice(4);
  return new Unreachable(
    `Cannot reach ${name}: ${line ?? error.how}`,
    "Log in once by hand: the lab uses the same ssh and its configuration",
    options,
  );
}
