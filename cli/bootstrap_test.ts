// SPDX-License-Identifier: Apache-2.0
/** The bootstrap `lab` as it is, with a Deno that parses like the real one and shows what it is told. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run } from "../base/process.ts";
import { cacheRoot } from "../store/cache.ts";
import project from "../deno.json" with { type: "json" };
import { linesFor } from "./needs.ts";

const root = join(import.meta.dirname!, "..");
const limit_s = 120;

/** Calls the bootstrap with a cache that holds nothing but that Deno. */
async function bootstrap(
  args: readonly string[],
  has: { deno: boolean } = { deno: true },
): Promise<{ status: number; said: string[]; errors: string; cache: string }> {
  const home = await Deno.makeTempDir();
  try {
    const cache = join(home, "samepage-lab");
    if (has.deno) await layOut(cache);
    const { status, stdout, stderr } = await run(join(root, "lab"), args, {
      purpose: "call the bootstrap",
      timeLimit_s: limit_s,
      accept: [1, 2],
      env: { XDG_CACHE_HOME: home, TMPDIR: "/tmp" },
    });
    return { status, said: stdout.trimEnd().split("\n"), errors: stderr, cache };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function layOut(cache: string): Promise<void> {
  const deno = join(cache, "tools/node_modules/@deno/here/deno");
  await Deno.mkdir(join(deno, ".."), { recursive: true });
  await Deno.mkdir(join(cache, "deno"));
  await Deno.mkdir(join(cache, "native"));
  await Deno.copyFile(
    join(root, "tools/package-lock.json"),
    join(cache, "tools/package-lock.json"),
  );
  await Deno.copyFile(
    join(root, "tools/native/package-lock.json"),
    join(cache, "native/package-lock.json"),
  );
  await Deno.copyFile(join(root, "deno.lock"), join(cache, "deno/samepage-deno.lock"));
  await Deno.writeTextFile(
    deno,
    `#!/bin/sh
case $* in
*/cli/needs.ts*) DENO_DIR='${join(cacheRoot(), "deno")}' exec '${Deno.execPath()}' "$@" ;;
esac
printf '%s\\n' "$@"
`,
    { mode: 0o755 },
  );
}

const calls = [
  ["run", "smoke", "--set", "guests=2"],
  ["verify", "reference"],
  ["report", "RUN"],
  ["query", "RUN", "SELECT 'a\\b' \"c\" $HOME `id` \n -- more", "--engine", "native"],
  ["view", "RUN", "--port", "8000"],
  ["compare", "A", "B"],
  ["experiments"],
  ["lock", "update"],
  ["doctor"],
  ["clean"],
];

for (const call of calls) {
  Deno.test(`the bootstrap gives Deno exactly what ${call[0]} needs`, async () => {
    const { status, said, errors, cache } = await bootstrap(call);
    assertEquals(status, 0, errors);
    const lines = await linesFor(call, { cache, checkout: root, scratch: "/tmp" });
    const valuesOf = (word: string) =>
      lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length + 1));
    assertEquals(said, [
      ...["run", "--frozen", "--cached-only", "--no-prompt", "--quiet", "--ignore-env"],
      ...["--config", join(root, "deno.json")],
      ...valuesOf("option"),
      join(root, "lab.ts"),
      ...valuesOf("request"),
    ]);
  });
}

Deno.test("the bootstrap says what help and refusals say, and starts nothing else", async () => {
  const help = await bootstrap(["help", "run"]);
  assertEquals(help.status, 0, help.errors);
  assert(help.said.includes("Examples"), help.said.join("\n"));
  const refused = await bootstrap(["rum"]);
  assertEquals([refused.status, refused.said], [2, [""]]);
  assertStringIncludes(refused.errors, 'Did you mean "run"?');
});

Deno.test("help needs no Deno, and completion does not fetch one", async () => {
  const page = await Deno.readTextFile(join(root, "docs/VERBS.md"));
  for (const args of [["help", "verify"], ["verify", "--help"], ["--help"], []]) {
    const { status, said, errors } = await bootstrap(args, { deno: false });
    assertEquals([status, errors], [0, ""]);
    assertStringIncludes(page, said.join("\n"));
    assertStringIncludes(
      said.join("\n"),
      args.length > 0 && args[0] !== "--help" ? "--sample" : "Verbs",
    );
  }
  assertEquals((await bootstrap(["complete", "--", "r"], { deno: false })).said, [""]);
  const version = await bootstrap(["--version"], { deno: false });
  assertEquals([version.status, version.said, version.errors], [0, [project.version], ""]);
});

/** What fetching Deno takes, without npm and without whatever else is on this machine's PATH. */
const few = [
  "sh",
  "cat",
  "cmp",
  "chmod",
  "cp",
  "curl",
  "wget",
  "dirname",
  "find",
  "grep",
  "gzip",
  "id",
  "mkdir",
  "mv",
]
  .concat(["base64", "od", "readlink", "rm", "sed", "sha512sum", "tar", "tr", "uname", "xz"])
  .concat(["env", "mount", "setpriv", "timeout", "unshare"]);

/** Calls the bootstrap without npm, with a registry that gives one answer, and an empty cache. */
async function bootstrapWithoutNpm(
  answer: () => Response,
  without: readonly string[] = [],
  within: readonly string[] = [],
  also = "/nowhere",
): Promise<{ status: number; errors: string; asked: string[]; left: string[] }> {
  const dir = await Deno.makeTempDir();
  const asked: string[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, ({ url }) => {
    asked.push(new URL(url).pathname);
    return answer();
  });
  const how = { purpose: "call the bootstrap without npm", timeLimit_s: limit_s };
  try {
    await Deno.mkdir(join(dir, "bin"));
    const names = few.filter((name) => !without.includes(name)).join(" ");
    const links = `for name in ${names}; do ln -s "$(command -v "$name")" bin/; done`;
    await run("sh", ["-ec", links], { ...how, cwd: dir });
    const cache = join(dir, "samepage-lab");
    await Deno.mkdir(cache);
    const { status, stderr } = await run(
      join(dir, "bin/env"),
      [
        ...["-i", `PATH=${join(dir, "bin")}:${also}`, `XDG_CACHE_HOME=${dir}`],
        ...[`npm_config_registry=http://127.0.0.1:${server.addr.port}/`, join(root, "lab"), "runs"],
      ],
      { ...how, accept: [2], within: within.map((word) => word.replace("CACHE", cache)) },
    );
    const left = await Array.fromAsync(Deno.readDir(cache)).catch(() => []);
    return { status, errors: stderr, asked, left: left.map(({ name }) => name) };
  } finally {
    await server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

for (const other of ["wget", "curl"]) {
  const client = other === "wget" ? "curl" : "wget";
  Deno.test(`without npm Deno is fetched by its lock, by ${client}, and another content is refused`, async () => {
    const page = () => new Response("<html>Log in</html>");
    const { status, errors, asked, left } = await bootstrapWithoutNpm(page, [other]);
    assertEquals([status, left], [2, []], errors);
    assertStringIncludes(errors, "has another sha512 than the lock says");
    assertStringIncludes(errors, "Cannot fetch Deno from http://127.0.0.1:");
    /* Only what is for Linux on this processor, and only the first: it was not what it should be. */
    assertEquals(asked.length, 1);
    assert(/^\/(@deno\/linux-x64-glibc|deno)\/-\/[\w-]+-[\d.]+\.tgz$/.test(asked[0]!), asked[0]);
  });
}

Deno.test("without npm, whoever has neither curl nor wget is told so", async () => {
  const { status, errors, left } = await bootstrapWithoutNpm(() => new Response(""), [
    ...["curl", "wget"],
  ]);
  assertEquals([status, left], [2, []]);
  assertStringIncludes(errors, " curl");
});

Deno.test("nothing is fetched into a cache from which no program may be run", async () => {
  const { status, errors, asked } = await bootstrapWithoutNpm(() => new Response(""), [], [
    ...["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"],
    ...['mount -t tmpfs -o noexec none "$0" && exec "$@"', "CACHE"],
  ]);
  assertEquals([status, asked], [2, []], errors);
  assertMatch(errors, /^Cannot fetch Deno: programs in the cache .* is mounted noexec$/m);
});

Deno.test("what busybox has in a program's place is none that the lab can use", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "busybox"), "#!/bin/sh\n", { mode: 0o755 });
    const how = { purpose: "make a system", timeLimit_s: limit_s };
    await run("ln", ["-s", "busybox", join(dir, "sha512sum")], how);
    const { status, errors, asked } = await bootstrapWithoutNpm(
      () => new Response(""),
      [
        "sha512sum",
      ],
      ["env"],
      dir,
    );
    assertEquals([status, asked], [2, []], errors);
    assertStringIncludes(errors, " coreutils");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
