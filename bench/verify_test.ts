// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { FakeHost, type FakeOptions } from "../hosts/fake.ts";
import { sharedFleet } from "../hosts/fleets/shared.ts";
import type { Provision } from "../hosts/kinds.ts";
import { plan } from "./plan.ts";
import { schedule } from "./schedule.ts";
import { inputs, type TestRun, withRun } from "./testdata/run.ts";
import { verifyRun } from "./verify.ts";

function provisionOf(host: FakeHost, changes: Partial<Provision> = {}): Provision {
  return {
    ...{ host: host.name, exact: host.exact, inputs, drift: false, built_s: {} },
    fleet: sharedFleet(host, 2),
    inputsOf: (settings) => host.inputsOf(settings),
    ...changes,
  };
}

/** A run that was carried out on an honest host, then verified on another. */
async function verified(
  { folder, said }: TestRun,
  options: FakeOptions,
  { sample, changes }: { sample?: number; changes?: Partial<Provision> } = {},
): Promise<{ status: number; verdicts: { trial: string; same: boolean; difference: string }[] }> {
  const honest = new FakeHost();
  const trials = plan(folder.record.experiment, (settings) => honest.inputsOf(settings));
  folder.record.trials.forEach((entry, at) => entry.id = trials[at]!.id);
  await schedule(trials, folder, {
    fleet: sharedFleet(honest, 1),
    display: { say: () => {}, draw: () => {}, close: () => {} },
    signal: new AbortController().signal,
    onEnded: () => Promise.resolve(),
  });
  await folder.finish(new Date());
  const printed: string[] = [];
  const { log, error } = console;
  console.log = (line) => void printed.push(line);
  console.error = (line) => void said.push(line);
  try {
    const provision = provisionOf(new FakeHost(options), changes);
    const status = await verifyRun(folder, provision, { sample, json: true });
    return { status, ...JSON.parse(printed.at(-1)!) };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("verifyRun() finds a run the same that is the same", () =>
  withRun(
    async (run) => {
      const { status, verdicts } = await verified(run, {});
      assertEquals([status, verdicts.map(({ same }) => same)], [0, [true, true, true, true]]);
    },
    {},
    2,
  ));

Deno.test("verifyRun() names the first record that differs", () =>
  withRun(async (run) => {
    const { status, verdicts } = await verified(run, { script: () => "lies" });
    assertEquals(status, 1);
    assertStringIncludes(verdicts[0]!.difference, "phase boot, kind exits, guest 0, field count");
    assertStringIncludes(run.said.join("\n"), "DIFFERS with the same inputs");
  }));

Deno.test("verifyRun() says why a trial could not be carried out again", () =>
  withRun(async (run) => {
    const failing = await verified(run, { script: () => "failed" });
    assertStringIncludes(failing.verdicts[0]!.difference, "it failed: guest 0 did not answer");
    const losing = await verified(run, { script: () => "lost" });
    assertStringIncludes(losing.verdicts[0]!.difference, "it does not answer");
  }));

Deno.test("verifyRun() takes a sample that is spread over the run", () =>
  withRun(
    async (run) => {
      const { verdicts } = await verified(run, {}, { sample: 2 });
      const { trials } = run.folder.record;
      assertEquals(
        verdicts.map(({ trial }) => trial).sort(),
        [trials[0]!.id, trials[4]!.id].sort(),
      );
    },
    {},
    4,
  ));

Deno.test("verifyRun() names inputs that are not what they were", () =>
  withRun(async (run) => {
    const other = { kernel: { digest: "other", version: "6.12" } };
    await verified(run, {}, { changes: { inputs: other } });
    assertStringIncludes(run.said.join("\n"), "Other input: kernel: was 6.1 (k), is 6.12 (other)");
    assertStringIncludes(run.said.join("\n"), "the same, although with another kernel");
  }));

Deno.test("verifyRun() refuses hosts whose counts do not repeat", () =>
  withRun(async (run) => {
    const error = await assertRejects(() => verified(run, { exact: false }), LabError);
    assertStringIncludes(error.message, "digit by digit");
  }));
