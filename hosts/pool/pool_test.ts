// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import type { Trial } from "../../contract/trial.ts";
import { FakeHost, recordsOf } from "../fake.ts";
import { type Errand, isChecked, type Pool, poolFleet } from "./pool.ts";

const trial = { id: "t", identity: "0".repeat(64), block: 0, settings: {}, phases: ["end"] };

/** Machines n1 and, for repetitions, n2, of which the second may count otherwise. */
function madeUp(second = 1) {
  const errands: Errand[] = [];
  let cancelled = false;
  const pool: Pool = {
    slots: 1,
    prepare: () => Promise.resolve(),
    carryOut: (errand) => {
      errands.push(errand);
      const text = recordsOf(errand.trial, errand.avoid === undefined ? 1 : second);
      return Promise.resolve({
        node: errand.avoid === undefined ? "n1" : "n2",
        outcome: {
          ended: "done",
          records: new TextEncoder().encode(text),
          instructions: 1,
        },
      });
    },
    atWork: () => ({ slots: 1, text: "" }),
    cancel: () => Promise.resolve(void (cancelled = true)),
    close: () => Promise.resolve(),
  };
  const run = async (check: number) => {
    const fleet = poolFleet(new FakeHost() as never, pool, check);
    await using host = await fleet.lease(0, new AbortController().signal);
    return await host.carryOut(trial as unknown as Trial, () => {}, new AbortController().signal);
  };
  return { run, errands, cancelled: () => cancelled };
}

Deno.test("a share of trials is repeated on another machine than the first", async () => {
  const { run, errands } = madeUp();
  assertEquals((await run(0.01)).ended, "done");
  assertEquals(errands.map(({ avoid }) => avoid), [undefined, "n1"]);
  const none = madeUp();
  await none.run(0);
  assertEquals(none.errands.length, 1);
});

Deno.test("two machines that do not agree are both named, and the run ends", async () => {
  const { run, cancelled } = madeUp(2);
  const { message } = await assertRejects(() => run(1), LabError);
  assertStringIncludes(message, "Cannot trust both n1 and n2");
  assertStringIncludes(message, "field count: was 1, is 2");
  assert(cancelled());
});

Deno.test("isChecked() chooses by the identity, and about as many as were asked for", () => {
  const all = Array.from({ length: 1000 }, (_, at) => ({
    identity: ((at * 0x9e3779b1) >>> 0).toString(16).padStart(8, "0"),
  }));
  const chosen = all.filter((one) => isChecked(one, 0.1)).length;
  assert(chosen > 80 && chosen < 120, `${chosen}`);
});
