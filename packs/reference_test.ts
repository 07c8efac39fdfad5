// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readExperiment } from "../bench/experiment.ts";
import type { RunFolder } from "../bench/run_folder.ts";
import { finish, withRun } from "../bench/testdata/run.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import {
  describeReference,
  hasReference,
  referenceExperiment,
  withReference,
  writeReference,
} from "./reference.ts";

/** A finished run of the reference's experiment, and where to make it the reference. */
async function withFitRun(test: (folder: RunFolder, dir: string) => Promise<void>): Promise<void> {
  const experiment = await readExperiment(referenceExperiment);
  await withRun(async ({ folder, trials }) => {
    for (const trial of trials) await finish(folder, trial);
    await folder.finish(new Date("2026-01-01T00:00:00Z"));
    await test(folder, join(folder.dir, "..", "reference"));
  }, { experiment });
}

Deno.test("writeReference() keeps records, tables and figures, and replaces what was there", () =>
  withFitRun(async (folder, dir) => {
    const shown = ["tables/refaults.csv", "figures/refaults.svg"];
    for (const name of [...shown, "figures/refaults.vl.json", "index.html"]) {
      await Deno.mkdir(join(folder.dir, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder.dir, name), name);
    }
    await Deno.mkdir(dir);
    await Deno.writeTextFile(join(dir, "left-over"), "");
    await writeReference(folder, dir);
    assertEquals(
      await Promise.all(["left-over", ...shown].map((name) => exists(join(dir, name)))),
      [false, true, true],
    );
    assertEquals(await exists(join(dir, "figures/refaults.vl.json")), false);
    await withReference(async ({ record, dir: unpacked }) => {
      assertEquals(record.digest, folder.record.digest);
      const [first] = record.trials;
      const bytes = await Deno.readFile(join(unpacked, first!.records));
      assertEquals(bytes, await Deno.readFile(folder.recordsPath(first!)));
      assertStringIncludes(describeReference(record), `2 trials, digest ${record.digest}`);
    }, dir);
  }));

Deno.test("writeReference() refuses what cannot be one, and leaves the reference alone", () =>
  withFitRun(async (folder, dir) => {
    await writeReference(folder, dir);
    const refused = async (change: () => void, why: string) => {
      const before = structuredClone(folder.record);
      change();
      await assertRejects(() => writeReference(folder, dir), LabError, why);
      Object.assign(folder.record, before);
    };
    const { record } = folder;
    await refused(() => record.mode = "hardware", "measured on hardware");
    await refused(() => record.drift = true, "has drifted");
    await refused(
      () => record.experiment.factors.guests = [2],
      "as experiments/default.json has it",
    );
    await refused(() => record.trials[0]!.status = "failed", "the trial is failed");
    await refused(() => record.names = { user: "u", machine: "m", folder: "f" }, "names a person");
    await withReference(({ record }) => {
      assertEquals(record.digest, folder.record.digest);
      return Promise.resolve();
    }, dir);
  }));

Deno.test("withReference() says that there is none", async () => {
  const dir = await Deno.makeTempDir();
  assertEquals(await hasReference(dir), false);
  await assertRejects(() => withReference(() => Promise.resolve(), dir), LabError, "there is no");
  await Deno.remove(dir);
});
