// SPDX-License-Identifier: Apache-2.0
/** The room as it is: what is in it, and what can be seen and done from inside. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { filesBelow } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { reportNothing } from "../base/report.ts";
import { fetchDebs } from "./debian.ts";
import { unpackPackage } from "./packages.ts";
import { compilerSays, noWay, roomPackages, runInRoom, type View } from "./room.ts";

const limit_s = 600;

async function inside(script: string, view: View = {}): Promise<string> {
  const { stdout } = await runInRoom("sh", ["-c", script], view, {
    purpose: "look around in the room",
    timeLimit_s: limit_s,
  });
  return stdout.trim();
}

Deno.test("the room's compiler, assembler and linker say what the lock says", async () => {
  for (const [program, line] of Object.entries(compilerSays)) {
    assertEquals(await inside(`${program} --version | head -n 1`), line);
  }
});

Deno.test("in the room there is no network, no other process and nobody's environment", async () => {
  assertEquals(await inside("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"), "lo");
  const processes = Number(await inside("ls -d /proc/[0-9]* | wc -l"));
  assert(processes < 10, `${processes} processes`);
  assertEquals(
    (await inside("env | grep -v '^\\(PWD\\|OLDPWD\\|SHLVL\\|_\\)=' | sort")).split("\n"),
    ["HOME=/tmp", "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TZ=UTC"],
  );
  assertEquals(await inside("id -u; umask"), "0\n0022");
});

Deno.test("in the room only what was given to change can be changed", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(dir, "given"));
    await Deno.mkdir(join(dir, "shown"));
    await Deno.writeTextFile(join(dir, "shown/file"), "as it was");
    const said = await inside(
      "for path in /build/new /in/shown/file /usr/bin/cc /new; do " +
        "(: >$path) 2>/dev/null && echo $path; done; cat /in/shown/file",
      { read: { "/in/shown": join(dir, "shown") }, write: { "/build": join(dir, "given") } },
    );
    assertEquals(said, "/build/new\nas it was");
    assert((await Deno.stat(join(dir, "given/new"))).isFile);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a program that fails in the room is named with its words and its status", async () => {
  const error = await assertRejects(
    () =>
      runInRoom("gcc", ["/in/none.c"], {}, { purpose: "compile nothing", timeLimit_s: limit_s }),
    LabError,
  );
  assertMatch(error.message, /^Cannot compile nothing: "gcc" failed with exit status 1/);
  assertStringIncludes(error.message, "$ gcc /in/none.c");
});

Deno.test("whoever may make no namespaces is told so, and what helps", () => {
  const { message, next } = noWay("/cache/room", [
    "unshare: unshare failed: Operation not permitted",
  ]);
  assertEquals(
    message,
    "Cannot enter the room that builds run in: this machine lets this user make no namespaces " +
      "(unshare: unshare failed: Operation not permitted)",
  );
  assertMatch(next!, /bubblewrap.*sysctl.*root.*bundle import/);
});

Deno.test("a cache from which no program may be run is named", () => {
  const { message } = noWay("/cache/room", [
    "chroot: failed to run command '/bin/sh': Permission denied",
  ]);
  assertMatch(message, /programs in \/cache\/room may not be run, .* noexec/);
});

Deno.test("unpackPackage() gives the files of a package without dpkg or without xz, and refuses what is none", async () => {
  const [deb] = await fetchDebs(roomPackages.filter(({ name }) => name === "mawk"), {
    report: reportNothing,
    exact: true,
  });
  const dir = await Deno.makeTempDir();
  try {
    await unpackPackage(deb!.path, dir);
    assert((await Deno.stat(join(dir, "usr/bin/mawk"))).isFile);
    await unpackPackage(deb!.path, join(dir, "by-dpkg"), () => Promise.resolve(false));
    assertEquals(
      await filesBelow(join(dir, "by-dpkg")),
      (await filesBelow(dir)).filter((path) => !path.startsWith("by-dpkg/")),
    );
    const page = join(dir, "page.deb");
    await Deno.writeTextFile(page, "<html>no package</html>");
    await assertRejects(() => unpackPackage(page, dir), LabError, "it is no Debian package");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
