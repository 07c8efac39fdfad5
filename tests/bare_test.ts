// SPDX-License-Identifier: Apache-2.0
/**
 * The README's steps on a bare Debian 13 (see bare/root.ts): on a bundle of built parts, and, when asked for
 * by name, with everything fetched and built there.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { reportToStderr } from "../base/report.ts";
import { casesOf } from "../base/whole_tests.ts";
import { cacheRoot, withScratch } from "../store/cache.ts";
import { ada, inBareRoot } from "./bare/root.ts";
import { referenceExperiment, withReference } from "../packs/reference.ts";
import { lab, removeRun, type RunLine, runLine } from "./lab.ts";
import { builtParts, settleIn, startParts } from "./settle.ts";

const isRoot = Deno.uid() === 0;

/** A whole run from nothing, on a busy machine. */
const limit_s = 2 * 3600;

/** A folder that nobody would take, so that paths matter to nothing. */
const checkout = "/home/ada/my labs/samepage";

interface There {
  /** Runs `./lab WORDS` there. */
  lab: (...words: string[]) => Promise<string>;
  /** Its cache, from outside. */
  cache: string;
}

/** A lab in a bare root, with as much of this one's cache. */
function settled(
  user: number,
  parts: readonly string[],
  how: { network: boolean; read?: Record<string, string> },
  test: (there: There, dir: string) => Promise<void>,
): Promise<void> {
  return withScratch(`bare-${crypto.randomUUID().slice(0, 8)}`, async (dir) => {
    await Deno.mkdir(join(dir, "tmp"));
    await settleIn(dir, parts, user);
    const visit = {
      ...{ user, ...how, cwd: checkout, timeLimit_s: limit_s, report: reportToStderr },
      write: {
        ...{ "/home/ada": join(dir, "home"), "/home/ada/.cache": join(dir, "cache") },
        ...{ [checkout]: join(dir, "checkout"), "/tmp": join(dir, "tmp") },
      },
      env: { HOME: "/home/ada", LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kolkata" },
    };
    await test({
      lab: async (...words) => {
        const asAda = ["-c", 'umask 077; exec ./lab "$@"', "lab", ...words];
        const { status, stdout, stderr } = await inBareRoot(["sh", ...asAda], visit);
        assertEquals(status, 0, stderr);
        return stdout;
      },
      cache: join(dir, "cache/samepage-lab"),
    }, dir);
  });
}

/** SHA-256 of each file of a kind of parts, by its place in the cache. */
async function bitsOf(cache: string, kind: string): Promise<Record<string, string>> {
  const bits: Record<string, string> = {};
  for await (const { name } of Deno.readDir(join(cache, kind))) {
    const text = await Deno.readTextFile(join(cache, kind, name, "manifest.json"));
    const { files } = JSON.parse(text) as { files: Record<string, { sha256: string }> };
    for (const [path, { sha256 }] of Object.entries(files)) bits[`${name}/${path}`] = sha256;
  }
  return bits;
}

/** Each file of these kinds of parts that was made there has the bits that it has here. */
async function assertSameBits(cache: string, kinds: readonly string[]): Promise<void> {
  for (const kind of kinds) {
    const ours = await bitsOf(cacheRoot(), kind);
    const theirs = Object.entries(await bitsOf(cache, kind));
    assert(theirs.length > 0, `nothing was made there of ${kind}`);
    for (const [path, sha256] of theirs) {
      assertEquals([kind, path, sha256], [kind, path, ours[path]]);
    }
  }
}

/** All kinds of parts that are made, and not only fetched. */
const madeParts = ["room", "sysroot", "helper", ...builtParts.slice(2)];

/** What can be built besides what runs of `default` need. */
const further = [["build", "bochs"], ["build", "kernel", "--variant", "stock"]];

Deno.test("on a bare Debian 13 a bundle runs without a compiler and a network, and programs are the same bits", async () => {
  const one = ["run", "smoke", "--set", "arm=on", "--json"] as const;
  const here = runLine(await lab(...one));
  /* What compiles is there from the first, and what it compiles is there already. */
  const seen = ["room", "debian", "sysroot"];
  const read = Object.fromEntries(
    seen.map((kind) => [`/home/ada/.cache/samepage-lab/${kind}`, join(cacheRoot(), kind)]),
  );
  try {
    await settled(ada, startParts, { network: false, read }, async (there, dir) => {
      const file = join(dir, "home/parts.tar.zst");
      const exported = await lab("bundle", "export", file, "smoke");
      assertEquals(exported.status, 0, exported.stderr);
      /* Where it is brought real hosts may be measured, too. */
      assertStringIncludes(exported.stdout, "what measures a host");
      const { missingPackages, room } = JSON.parse(await there.lab("doctor", "--json"));
      assertEquals([missingPackages, room], [[], "user"]);
      await there.lab("bundle", "import", "/home/ada/parts.tar.zst");
      const onBundle = JSON.parse(await there.lab(...one)) as RunLine;
      assertEquals([onBundle.digest, onBundle.reused], [here.digest, 0]);

      /* Built there they have the same bits, so that the trial is one that has been carried out. */
      const made = ["program", "disk", "guest-image", "image"];
      for (const kind of made) await Deno.remove(join(there.cache, kind), { recursive: true });
      const built = JSON.parse(await there.lab(...one)) as RunLine;
      assertEquals([built.digest, built.reused], [here.digest, 1]);
      await assertSameBits(there.cache, made);
    });
  } finally {
    await removeRun(here.run);
  }
});

for (const user of casesOf(isRoot ? [ada, 0] : [ada], () => [])) {
  const who = user === 0 ? "root" : "an ordinary user";
  Deno.test(`on a bare Debian 13 ${who} builds everything with the same bits, and the run is the reference's`, async () => {
    const digest = await withReference((folder) => Promise.resolve(folder.record.digest));
    const builds = [["build"], ...(user === 0 ? [] : further)];
    for (const words of builds) assertEquals((await lab(...words)).status, 0, words.join(" "));
    await settled(user, [], { network: true }, async (there) => {
      const line = JSON.parse(await there.lab("run", referenceExperiment, "--json")) as RunLine;
      assertEquals([line.failed, line.digest], [0, digest]);
      for (const words of builds.slice(1)) await there.lab(...words);
      await assertSameBits(there.cache, madeParts);
    });
  });
}
