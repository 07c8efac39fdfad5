// SPDX-License-Identifier: Apache-2.0
/** Each error here is one that the system has given, on the way that the lab meets it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { statfs } from "node:fs/promises";
import { join } from "@std/path";
import { LabError, NoRoom } from "./errors.ts";
import { machineError } from "./machine_error.ts";
import { run } from "./process.ts";

async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

async function withFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("machineError() has a sentence and a next step for what the system refuses", () =>
  withFolder(async (dir) => {
    const file = join(dir, "file");
    await Deno.writeTextFile(file, "");
    await run("ln", ["-s", "circle", join(dir, "circle")], {
      ...{ purpose: "prepare a test", timeLimit_s: 10 },
    });
    const cases: [work: () => unknown, says: string][] = [
      [() => Deno.readTextFile(join(dir, "none")), "there is no such file"],
      [() => Deno.readTextFile(join(file, "x")), "a part of the path is no folder"],
      [() => Deno.readTextFile(dir), "it is a folder, not a file"],
      [() => Deno.readTextFile(join(dir, "circle")), "links lead in a circle"],
      [() => Deno.mkdir(file), "there is something of that name already"],
      [() => Deno.remove(dir), "the folder is not empty"],
      [() => Deno.writeTextFile(join(dir, "x".repeat(300)), ""), "a name is too long"],
      [() => Deno.open("/dev/full", { write: true }), "/dev/full"],
      [() => statfs(join(dir, "none")), "there is no such file"],
    ];
    for (const [work, says] of cases) {
      const said = machineError(await errorOf(work));
      assert(said instanceof LabError, says);
      assertStringIncludes(said.message, says);
      assert(said.message.startsWith("Cannot "), said.message);
      assert(said.next !== undefined && !said.message.includes("os error"), said.message);
    }
  }));

Deno.test("machineError() finds the sentence in errors that were gathered, and has none for a fault", () => {
  const room = new NoRoom("Cannot write x: it is full");
  assertEquals(machineError(new AggregateError([new TypeError("x"), room])), room);
  assertEquals(machineError(new TypeError("x is not a function")), undefined);
  assertEquals(machineError("text"), undefined);
});

/** Tries it in a process of its own, in a namespace where file systems can be mounted. */
async function saidIn(prepare: string, attempt: string, may = "-A"): Promise<string> {
  const here = import.meta.dirname!;
  const code = `import { machineError } from "file://${here}/machine_error.ts";
    try { ${attempt}; console.log("no error"); }
    catch (error) { console.log(machineError(error)?.message ?? String(error)); }`;
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "try.ts"), code);
    await Deno.mkdir(join(dir, "disk"));
    const deno =
      `'${Deno.execPath()}' run --no-check --cached-only --no-lock --no-config --no-prompt ${may} try.ts`;
    const { stdout } = await run("unshare", ["-rm", "sh", "-ec", `${prepare}\n${deno}`], {
      ...{ cwd: dir, purpose: "try what the system refuses", timeLimit_s: 60 },
      env: { DENO_DIR: Deno.env.get("DENO_DIR") ?? "", NO_COLOR: "1" },
    });
    return stdout.trim().replaceAll(dir, "DIR");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a file system that can only be read is named", async () => {
  const said = await saidIn(
    "mount -t tmpfs -o ro tmpfs disk",
    `Deno.writeTextFileSync("disk/x", "")`,
  );
  assertEquals(said, 'Cannot write "disk/x": the file system can only be read');
});

Deno.test("a file that would have to move to another file system is named", async () => {
  const said = await saidIn("mount -t tmpfs tmpfs disk", `Deno.renameSync("try.ts", "disk/x")`);
  assertEquals(
    said,
    'Cannot rename "try.ts" to "disk/x": a file cannot be moved to another file system',
  );
});

Deno.test("a limit of open files that is met is named", async () => {
  const said = await saidIn(
    "ulimit -n 64",
    `const open = []; for (;;) open.push(Deno.openSync("try.ts"))`,
  );
  assertEquals(said, 'Cannot open "try.ts": the lab has too many open files');
});

Deno.test("a full disk is told from other errors", async () => {
  const said = await saidIn(
    "mount -t tmpfs -o size=4k tmpfs disk",
    `Deno.writeFileSync("disk/x", new Uint8Array(9000))`,
  );
  assertStringIncludes(said, "no space is left on the disk");
});

Deno.test("what Deno's permissions refuse is said without Deno's flags", async () => {
  const said = await saidIn("", `Deno.writeTextFileSync("/nowhere", "")`, "--allow-read");
  assertStringIncludes(said, "Cannot write /nowhere");
  assert(!said.includes("--allow"), said);
});
