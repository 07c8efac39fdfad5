// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "./errors.ts";
import { exists } from "./files.ts";
import { hold } from "./hold.ts";

async function withFolder(test: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  await Deno.chmod(dir, 0o777);
  try {
    await test(join(dir, "lock"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const take = (path: string) => hold(path, "report", "write to the run x");

Deno.test("hold() tells a second one who holds it, and lets it in afterwards", () =>
  withFolder(async (path) => {
    {
      await using _held = await hold(path, "run --resume", "write to the run x");
      const error = await assertRejects(() => take(path), LabError);
      assertStringIncludes(
        error.message,
        `Cannot write to the run x: \`lab run --resume\` (process ${Deno.pid}) has been at it since 20`,
      );
      assertStringIncludes(error.next!, `kill ${Deno.pid}`);
    }
    assert(!await exists(path), "the file was left behind");
    await using _held = await take(path);
  }));

Deno.test("of a hundred that begin at once one holds it at a time, and each is told or let in", () =>
  withFolder(async (path) => {
    let [now, most, had] = [0, 0, 0];
    await Promise.all(Array.from({ length: 100 }, async () => {
      try {
        await using _held = await take(path);
        most = Math.max(most, ++now);
        had++;
        await Promise.resolve();
        now--;
      } catch (error) {
        assert(error instanceof LabError, String(error));
      }
    }));
    assertEquals(most, 1);
    assert(had >= 1);
  }));

/** Another user's process that holds the file, which only its owner may write; as root it is nobody. */
async function heldByAnother(path: string): Promise<Deno.ChildProcess> {
  await Deno.writeTextFile(
    path,
    JSON.stringify({ pid: 4711, verb: "run", since: "2026-01-02T03:04:05.000Z" }),
  );
  await Deno.chmod(path, 0o444);
  const nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const child = new Deno.Command("setpriv", {
    args: [
      ...(Deno.uid() === 0 ? nobody : []),
      ...["--pdeathsig", "KILL", "--", "flock", "--no-fork", path, "sh", "-c", "echo held; cat"],
    ],
    ...{ stdin: "piped", stdout: "piped" },
  }).spawn();
  const reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "held\n");
  await reader.cancel();
  return child;
}

Deno.test("hold() knows a lock of another user, and takes over what a killed one left behind", () =>
  withFolder(async (path) => {
    const child = await heldByAnother(path);
    await assertRejects(
      () => take(path),
      LabError,
      "`lab run` (process 4711) has been at it since 2026-01-02 03:04:05 UTC",
    );
    child.kill("SIGKILL");
    await child.stdin.close().catch(() => {});
    await child.status;
    assert(await exists(path), "who was killed removes nothing");
    await using _held = await take(path);
    assertStringIncludes(await Deno.readTextFile(path), `"pid":${Deno.pid}`);
  }));

Deno.test("hold() says what is wrong with something else in the lock's place", () =>
  withFolder(async (path) => {
    await Deno.mkdir(path);
    await assertRejects(() => take(path), LabError, "it is a folder, not a file");
  }));
