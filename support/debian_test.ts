import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { fetchDeb, type LockedDeb } from "./debian.ts";
import { sha256OfFile } from "./digest.ts";
import { LabError } from "./errors.ts";
import { run } from "./process.ts";

const about = { purpose: "make a package", timeLimit_s: 60 };

/** A repository with one small package in the given version, as apt reads it from a folder. */
async function repository(dir: string, version: string): Promise<LockedDeb> {
  const tree = join(dir, "tree", "DEBIAN");
  await Deno.mkdir(tree, { recursive: true });
  const control = `Package: thing\nVersion: ${version}\nArchitecture: all\n` +
    "Maintainer: Nobody <nobody@example.org>\nDescription: a thing\n";
  await Deno.writeTextFile(join(tree, "control"), control);
  const name = `thing_${version}_all.deb`;
  await run("dpkg-deb", ["--root-owner-group", "--build", "tree", name], { ...about, cwd: dir });
  const { size } = await Deno.stat(join(dir, name));
  const sha256 = await sha256OfFile(join(dir, name));
  await Deno.writeTextFile(
    join(dir, "Packages"),
    `${control}Filename: ./${name}\nSize: ${size}\nSHA256: ${sha256}\n`,
  );
  return { name: "thing", version, arch: "all", size, sha256 };
}

async function withRepository(
  test: (locked: LockedDeb, sources: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const before = Deno.env.get("XDG_CACHE_HOME");
  Deno.env.set("XDG_CACHE_HOME", join(dir, "cache"));
  try {
    const locked = await repository(dir, "1.0-2");
    await test(locked, `deb [trusted=yes] file:${dir} ./\n`);
  } finally {
    if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
    else Deno.env.set("XDG_CACHE_HOME", before);
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("fetchDeb() fetches the locked version and fetches a damaged file again by name", () =>
  withRepository(async (locked, sources) => {
    const said: string[] = [];
    const options = { sources, report: (line: string) => void said.push(line) };
    const first = await fetchDeb(locked, options);
    assertEquals([first.drift, first.version], [false, "1.0-2"]);
    const bytes = await Deno.readFile(first.path);
    bytes[0]! ^= 1;
    await Deno.remove(first.path);
    await Deno.writeFile(first.path, bytes);
    const second = await fetchDeb(locked, options);
    assertEquals(await sha256OfFile(second.path), locked.sha256);
    assertStringIncludes(said.join("\n"), `${first.path} has another sha256`);
  }));

Deno.test("fetchDeb() takes the newest of the line when the version is gone, as drift", () =>
  withRepository(async (locked, sources) => {
    const said: string[] = [];
    const fetched = await fetchDeb({ ...locked, version: "1.0-1", line: "1.0" }, {
      sources,
      report: (line, level) => void said.push(`${level}: ${line}`),
    });
    assertEquals([fetched.version, fetched.drift], ["1.0-2", true]);
    assertEquals(fetched.sha256, locked.sha256);
    assertStringIncludes(
      said.join("\n"),
      "warning: thing 1.0-1 is gone from the mirror; using 1.0-2",
    );
  }));

Deno.test("fetchDeb() refuses another line", () =>
  withRepository(async (locked, sources) => {
    await assertRejects(
      () => fetchDeb({ ...locked, version: "0.9-1", line: "0.9" }, { sources, report: () => {} }),
      LabError,
      "Cannot fetch thing 0.9-1",
    );
  }));

Deno.test("fetchDeb() refuses the locked version with other content, after a second try", () =>
  withRepository(async (locked, sources) => {
    const said: string[] = [];
    await assertRejects(
      () =>
        fetchDeb({ ...locked, sha256: "0".repeat(64) }, {
          sources,
          report: (line) => void said.push(line),
        }),
      LabError,
      "has another sha256 than the lock says",
    );
    assertStringIncludes(said.join("\n"), "trying once more");
  }));
