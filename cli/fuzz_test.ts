// SPDX-License-Identifier: Apache-2.0
/** Whatever files and words from elsewhere hold, they are taken or refused in words, and write nowhere else. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { packTar, type TarEntry } from "modern-tar";
import { Buffer } from "node:buffer";
import { zstdCompressSync } from "node:zlib";
import { openEngine } from "../analysis/engine/open.ts";
import { filesBelow } from "../base/digest.ts";
import { numRuns, seed, takenOrRefused } from "../base/testdata/fuzz.ts";
import { requireExperiment } from "../bench/experiment.ts";
import { plan } from "../bench/plan.ts";
import { closeRecords } from "../contract/closing_line.ts";
import { kinds } from "../contract/kinds.ts";
import { wholePlan } from "../contract/plan.ts";
import { parseRecords, parseRemains } from "../contract/records.ts";
import { parseRunFile, sealed } from "../contract/run_file.ts";
import { settingNames } from "../contract/settings.ts";
import { madeUpEntry, madeUpRun } from "../contract/testdata/run_file.ts";
import { readArchive } from "../packs/archive.ts";
import { cached } from "../store/cache.ts";
import { withOwnCache } from "../store/testdata/own_cache.ts";

const options = { seed, numRuns };

/** What somebody might put in a value's place. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    "../../x",
    "a/b",
    "\u001b[2J",
    "",
    "__proto__",
    1.5,
    -1,
    1e300,
    null,
    [],
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** Puts something else in the place of one value, at any depth, or adds a member. */
function damaged(value: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(fc.infiniteStream(fc.nat()), odd, fc.constantFrom("put", "add", "drop"))
    .map(([steps, other, how]) => {
      const copy = structuredClone(value);
      let at = copy;
      for (let depth = 0; depth < 8; depth++) {
        if (typeof at !== "object" || at === null) break;
        const object = at as Record<string, unknown>;
        const keys = Object.keys(object);
        const key = keys[steps.next().value! % Math.max(1, keys.length)];
        const inner = key === undefined ? undefined : object[key];
        const deeper = typeof inner === "object" && inner !== null && steps.next().value! % 4 !== 0;
        if (deeper) at = inner;
        else {
          if (how === "drop" && key !== undefined) delete object[key];
          else {Object.defineProperty(object, how === "add" || key === undefined ? "more" : key, {
              ...{ value: other, enumerable: true, configurable: true, writable: true },
            });}
          break;
        }
      }
      return copy;
    });
}

const goodRun = madeUpRun({
  trials: [madeUpEntry("t", { seed: 1, arm: "on", workload: "kernels" })],
  inputs: { emulator: { digest: "d", version: "1" } },
  experiment: {
    ...{ name: "x", title: "X", question: "Why?", phases: ["boot", "end"] },
    factors: { workload: ["kernels"], arm: ["off", "on"], seed: [1, 2] },
  },
});

Deno.test("run.json and the plan of its experiment are taken or refused, whatever they hold", async () => {
  const names = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;
  await fc.assert(
    fc.asyncProperty(damaged(goodRun), async (content) => {
      await takenOrRefused(async () => {
        const run = parseRunFile(sealed(content as object), "run.json");
        for (const { id, records } of run.trials) {
          assertEquals([names.test(id), records], [true, `trials/${id}.jsonl`]);
        }
        await requireExperiment(run.experiment);
        for (const { id, settings, phases } of plan(run.experiment, () => ({}))) {
          assertEquals([names.test(id), id.length < 200], [true, true], id);
          /* What the agent is told is a word and a value a line. */
          assertEquals(/^(\S+ \S.*\n)+$/.test(wholePlan(settings, phases, [])), true);
        }
      });
    }),
    options,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary" }),
      async (text) => void await takenOrRefused(() => parseRunFile(text, "run.json")),
    ),
    options,
  );
});

Deno.test("records are taken or refused with their line, whatever they hold", async () => {
  const names = Object.keys(kinds);
  const record = fc.tuple(fc.constantFrom(...names), odd, fc.nat(), odd).map(
    ([kind, one, at, two]) => {
      const fields = Object.keys((kinds as Record<string, { fields: object }>)[kind]!.fields);
      const values = Object.fromEntries(
        fields.map((name, place) => [name, place % 3 === 0 ? one : at]),
      );
      return JSON.stringify({ t_ns: at, phase: "touch", kind, ...values, [`more${at % 2}`]: two });
    },
  );
  const line = fc.oneof({ arbitrary: record, weight: 5 }, fc.string({ unit: "binary" }), fc.json());
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
      const bytes = new TextEncoder().encode(lines.map((one) => `${one}\n`).join(""));
      const refused = await takenOrRefused(() =>
        parseRecords(closeRecords(bytes).bytes, "t.jsonl")
      );
      if (refused !== undefined) assertEquals(/"t\.jsonl": line \d+: /.test(refused.message), true);
      await takenOrRefused(() => parseRecords(bytes, "t.jsonl"));
      parseRemains(bytes);
    }),
    options,
  );
});

Deno.test("a cache entry is mended, whatever its manifest holds", () =>
  withOwnCache(async () => {
    const build = (dir: string) => Deno.writeTextFile(join(dir, "thing"), "content");
    const ask = () => cached("thing", "d1", build, { what: "it", needs_mib: 1, report: () => {} });
    const { dir } = await ask();
    const good = JSON.parse(await Deno.readTextFile(join(dir, "manifest.json")));
    const text = fc.oneof(damaged(good).map((one) => JSON.stringify(one)), fc.string());
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await Deno.writeTextFile(join(dir, "manifest.json"), content ?? "");
        await ask();
        assertEquals(await Deno.readTextFile(join(dir, "thing")), "content");
        assertEquals((await ask()).built, false);
      }),
      options,
    );
  }));

Deno.test("a pack is unpacked below its folder or refused, whatever it holds", async () => {
  const step = fc.oneof(
    fc.constantFrom("..", ".", "", "a", "top", "\\"),
    fc.string({ maxLength: 5 }),
  );
  const entry = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
    type: fc.constantFrom("file", "directory", "symlink", "link", "character-device", "fifo"),
    top: fc.boolean(),
    link: fc.constantFrom("/etc/passwd", "../..", "top"),
  }).map(({ steps, type, top, link }): TarEntry => ({
    header: {
      name: [...(top ? ["top"] : []), ...steps].join("/"),
      ...{ size: 0, type: type as "file", linkname: type.endsWith("link") ? link : "" },
    },
  }));
  const archive = fc.oneof(
    fc.array(entry, { maxLength: 6 }).map((entries) => ({ entries })),
    fc.uint8Array({ maxLength: 2048 }).map((bytes) => ({ bytes })),
  );
  const dir = await Deno.makeTempDir();
  try {
    await fc.assert(
      fc.asyncProperty(archive, fc.boolean(), async (made, pressed) => {
        const tar = "bytes" in made
          ? made.bytes
          : await packTar(made.entries).catch(() => new Uint8Array());
        await Deno.writeFile(
          join(dir, "p.tar.zst"),
          pressed ? zstdCompressSync(Buffer.from(tar)) : tar,
        );
        await Deno.mkdir(join(dir, "out/in"), { recursive: true });
        await takenOrRefused(() => readArchive(join(dir, "p.tar.zst"), join(dir, "out/in")));
        assertEquals(
          (await filesBelow(join(dir, "out"))).filter((name) => !name.startsWith("in/")),
          [],
        );
        await Deno.remove(join(dir, "out"), { recursive: true });
      }),
      options,
    );
    assertEquals(await filesBelow(dir), ["p.tar.zst"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a query is answered or refused, whatever it says", async () => {
  const engine = await openEngine();
  const word = fc.oneof(
    fc.constantFrom(
      "SELECT",
      "FROM",
      "*",
      "1",
      "x",
      "(",
      ")",
      ",",
      "UNION",
      "WHERE",
      "NULL",
      "'a'",
    ),
    fc.constantFrom(
      "read_text('/etc/passwd')",
      "ATTACH '/tmp/x.db'",
      "COPY t TO '/tmp/x'",
      "INSTALL x",
    ),
    fc.constantFrom(...settingNames),
    fc.string({ unit: "binary", maxLength: 10 }),
  );
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 8 }).map((words) => words.join(" ")),
        async (sql) => void await takenOrRefused(() => engine.query(sql)),
      ),
      options,
    );
  } finally {
    engine.close();
  }
});
