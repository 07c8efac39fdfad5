// SPDX-License-Identifier: Apache-2.0
/**
 * A run's part of a folder that this machine and all nodes see: definitions go there, results come
 * back, see runner.sh. A result is taken once it was read, so that what is looked through again and
 * again holds only what is new.
 */
import { dirname, join } from "@std/path";
import { exists, removeIfThere } from "../../base/files.ts";
import { writing } from "../../base/full_disk.ts";
import type { Bundle } from "./bundle.ts";
import { sharedFolder } from "./on.ts";

/** All may read what is not to be written to: in the cage the emulator is nobody. */
const [readable, runnable] = [0o644, 0o755];

const folders = ["trials", "results", "taken", "locks", "live", "tasks", "logs"] as const;

export class SharedFolder {
  /** The run's own folder. */
  readonly dir: string;

  /**
   * @param place the folder that all see
   * @throws {LabError} when its path has characters that cannot be passed on.
   */
  constructor(readonly place: string, readonly run: string) {
    sharedFolder(place);
    this.dir = join(place, "runs", run);
  }

  /** Makes the folders, and puts all there that trials run on, each file once. */
  async prepare(bundle: Bundle): Promise<void> {
    await writing(this.dir, async () => {
      for (const name of folders) await Deno.mkdir(join(this.dir, name), { recursive: true });
      for (const { source, path } of bundle.files) {
        const target = join(this.place, "parts", path);
        if (await exists(target)) continue;
        await Deno.mkdir(dirname(target), { recursive: true });
        const draft = `${target}.${crypto.randomUUID().slice(0, 8)}`;
        await Deno.copyFile(source, draft);
        const { mode } = await Deno.stat(source);
        await Deno.chmod(draft, (mode ?? 0) & 0o100 ? runnable : readable);
        await Deno.rename(draft, target);
      }
    });
  }

  path(folder: (typeof folders)[number], name: string): string {
    return join(this.dir, folder, name);
  }

  /** Writes a file that is there whole or not at all; one that is there is left alone. */
  async put(folder: "trials" | "tasks", name: string, text: string): Promise<void> {
    const path = this.path(folder, name);
    await writing(path, async () => {
      if (await exists(path)) return;
      const draft = join(this.dir, folder, `.${name.replaceAll("/", "-")}`);
      await Deno.writeTextFile(draft, text);
      await Deno.rename(draft, path);
    });
  }

  /** Names in one of the folders, without drafts. */
  async names(folder: (typeof folders)[number]): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(join(this.dir, folder))) {
      if (!name.startsWith(".")) names.push(name);
    }
    return names;
  }

  /** The result of a key, whether it was read before or not; nothing where there is none. */
  async result(key: string): Promise<string | undefined> {
    for (const folder of ["results", "taken"] as const) {
      try {
        return await Deno.readTextFile(this.path(folder, key));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return undefined;
  }

  /** Its result was read. */
  async take(key: string): Promise<void> {
    try {
      await Deno.rename(this.path("results", key), this.path("taken", key));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Its result is none: whoever carries it out next leaves another. */
  async drop(key: string): Promise<void> {
    for (const folder of ["results", "taken"] as const) await removeIfThere(this.path(folder, key));
  }

  /** Lets go of the lock of a key, where a job that is gone has left it. */
  async unlock(key: string, job: string): Promise<void> {
    const lock = this.path("locks", key);
    const owner = await Deno.readTextFile(join(lock, "owner")).catch(() => "");
    if (owner.split(" ")[0] !== job) return;
    await removeIfThere(lock);
    await removeIfThere(this.path("live", key));
  }

  /** What runner.sh said last in a job, where it said that something is wrong. */
  async lastWords(job: string): Promise<string> {
    const text = await Deno.readTextFile(this.path("logs", job)).catch(() => "");
    const line = text.trimEnd().split("\n").at(-1) ?? "";
    return line.startsWith("begin ") ? "" : line;
  }

  /** Removes all of the run: nobody asks for it any more. */
  remove(): Promise<void> {
    return removeIfThere(this.dir);
  }
}
