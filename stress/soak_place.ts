// SPDX-License-Identifier: Apache-2.0
/**
 * Where the labs of a soak work: a namespace of mounts, in which reports/ is a small disk of its own.
 * Nobody else sees it, and it is gone with the process that holds it.
 */
import { delay } from "@std/async";
import { dirname, join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { ProgramFailed, run } from "../base/process.ts";
import { readRunFile, type RunFile } from "../contract/run_file.ts";
import type { Fill } from "./soak_rounds.ts";

const checkout = join(import.meta.dirname!, "..");
const reports = join(checkout, "reports");

/** A run of a round takes some 20 MB, and a report that is made again twice that. */
const reports_mib = 256;

/** Room for what two trials at a time work with. */
const tmp_mib = 2048;

const opening_s = 30;
const poll_ms = 50;

/** The longest that anything here but a lab may take. */
const command_s = 120;

/** A run may have to build what was damaged. */
const lab_s = 1800;

/** What a lab may end with: bad findings, refused, unforeseen, told to stop, killed. */
const foreseen = [1, 2, 70, 130, 137, 143];

const holdScript = `
  mkdir -p "$2" && mount -t tmpfs -o "size=$3m" tmpfs "$2" && echo $$ >"$1.new" && mv "$1.new" "$1" &&
  exec sleep infinity`;

/** The process that is this shell becomes the lab itself: no other stands between. */
const labScript = 'echo $$ >"$1"; shift; exec "$@"';

/* One look at all of them: a trial may last no longer than a look at each. */
const emulatorScript = `
  grep -las -F -e "$1" /proc/[0-9]*/cmdline | while read -r path; do
    process=\${path%/cmdline}
    ! grep -qs "^qemu-system" "$process/comm" || echo "\${process#/proc/}"
  done`;

const fillScript = 'dd if=/dev/zero of="$1/filler" bs=64k 2>/dev/null; exit 0';

/** A lab that goes on. */
export interface Going {
  /** File with all that it says. */
  log: string;
  /** How it ended, in words; never rejected for its exit status. */
  ended: Promise<string>;
  hasEnded(): boolean;
  /** Its process, once there is one. */
  process(): Promise<string | undefined>;
}

export class SoakPlace {
  private constructor(private readonly dir: string, private readonly holder: string) {}

  /**
   * Opens it for as long as `work` lasts.
   *
   * @param dir an empty folder for logs.
   * @throws {LabError} where this machine has no namespaces.
   */
  static async within<T>(dir: string, work: (place: SoakPlace) => Promise<T>): Promise<T> {
    const closing = new AbortController();
    const pidFile = join(dir, "holder");
    let failure: unknown;
    const held = run("unshare", [
      "-rm",
      "sh",
      "-c",
      holdScript,
      "sh",
      pidFile,
      reports,
      `${reports_mib}`,
    ], {
      ...{ purpose: "hold a namespace of mounts", timeLimit_s: 10 * 24 * 3600 },
      signal: closing.signal,
    }).catch((error) => failure = error);
    try {
      for (const began_ms = performance.now(); !await exists(pidFile); await delay(poll_ms)) {
        if (failure !== undefined || performance.now() - began_ms > opening_s * 1000) {
          throw new LabError(
            "Cannot soak: this machine gives no namespace of mounts" +
              (failure instanceof Error ? `\n${failure.message}` : ""),
            "See that `unshare -rm true` works",
          );
        }
      }
      const holder = (await Deno.readTextFile(pidFile)).trim();
      return await work(new SoakPlace(dir, holder));
    } finally {
      closing.abort();
      await held;
    }
  }

  private enter(words: readonly string[]): string[] {
    return ["--target", this.holder, "--user", "--mount", "--preserve-credentials", "--", ...words];
  }

  private async command(purpose: string, ...words: string[]): Promise<string> {
    const options = { purpose, timeLimit_s: command_s };
    return (await run("nsenter", this.enter(words), options)).stdout;
  }

  /**
   * Starts `./lab WORDS`.
   *
   * @param cache the folder `samepage-lab` that is its cache.
   * @param name of its log.
   */
  lab(words: readonly string[], cache: string, name: string): Going {
    const [log, pidFile] = [join(this.dir, `${name}.log`), join(this.dir, `${name}.pid`)];
    let over = false;
    const called = ["sh", "-c", labScript, "sh", pidFile, join(checkout, "lab"), ...words];
    const ended = run("nsenter", this.enter(called), {
      ...{ purpose: `run ./lab ${words.join(" ")}`, timeLimit_s: lab_s, log, accept: foreseen },
      env: { XDG_CACHE_HOME: dirname(cache) },
    }).then(({ status }) => `exit ${status}`, (error) => {
      if (error instanceof ProgramFailed) return error.how;
      throw error;
    }).finally(() => over = true);
    /* Whoever waits for it hears of it; until then nobody does. */
    ended.catch(() => {});
    return {
      log,
      ended,
      hasEnded: () => over,
      process: async () =>
        await exists(pidFile) ? (await Deno.readTextFile(pidFile)).trim() || undefined : undefined,
    };
  }

  /** Emulators of the labs that use a cache. */
  async emulators(cache: string): Promise<string[]> {
    const { stdout } = await run("sh", ["-c", emulatorScript, "sh", cache], {
      ...{ purpose: "find the emulator", timeLimit_s: command_s },
    });
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** Whether there was a process to send it to. */
  async send(signal: string, process: string): Promise<boolean> {
    const { status } = await run("sh", ["-c", 'kill -s "$1" "$2"', "sh", signal, process], {
      ...{ purpose: `send SIG${signal}`, timeLimit_s: command_s, accept: [1] },
    });
    return status === 0;
  }

  /** Puts a disk of its own in the place where trials of a cache work, until `unmount()`. */
  async mountTmp(cache: string): Promise<void> {
    await Deno.mkdir(join(cache, "tmp"), { recursive: true });
    await this.command(
      ...["make a small disk", "mount", "-t", "tmpfs", "-o"] as const,
      ...[`size=${tmp_mib}m`, "tmpfs", join(cache, "tmp")],
    );
  }

  /** Takes it away again, with all that is there. */
  async unmountTmp(cache: string): Promise<void> {
    await this.command("remove a small disk", "umount", "--lazy", join(cache, "tmp"));
  }

  /** Leaves no room on a disk. */
  async fill(disk: Fill["disk"], cache: string): Promise<void> {
    await this.command("fill a disk", "sh", "-c", fillScript, "sh", this.folderOf(disk, cache));
  }

  async free(disk: Fill["disk"], cache: string): Promise<void> {
    await this.command("free a disk", "rm", "-f", join(this.folderOf(disk, cache), "filler"));
  }

  private folderOf(disk: Fill["disk"], cache: string): string {
    return disk === "reports" ? reports : join(cache, "tmp");
  }

  /** What run.json of a run says; nothing where there is none that can be read. */
  async runFile(name: string): Promise<RunFile | undefined> {
    const folder = join(this.dir, name);
    await Deno.mkdir(folder, { recursive: true });
    const script = 'cp "$1/run.json" "$2/run.json"';
    try {
      await this.command("read run.json", "sh", "-c", script, "sh", join(reports, name), folder);
      return await readRunFile(folder);
    } catch (error) {
      if (error instanceof LabError) return undefined;
      throw error;
    }
  }

  /** Copies all runs that are there to a folder that outlasts this place. */
  async keep(folder: string): Promise<void> {
    await Deno.mkdir(folder, { recursive: true });
    await this.command("keep runs", "cp", "-r", `${reports}/.`, folder);
  }

  /** Whether a run can be gone on with. */
  async hasRun(name: string): Promise<boolean> {
    const script = '[ ! -e "$1/asked.json" ] || echo yes';
    const said = await this.command(
      "look for a run",
      "sh",
      "-c",
      script,
      "sh",
      join(reports, name),
    );
    return said !== "";
  }

  /** Removes all runs. */
  async sweep(): Promise<void> {
    await this.command("remove runs", "find", reports, "-mindepth", "1", "-delete");
  }
}
