// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "@std/path";
import { exists } from "../../base/files.ts";
import { LabError } from "../../base/errors.ts";
import { defaultSettings } from "../../contract/settings.ts";
import type { Trial } from "../../contract/trial.ts";
import { prefixOf } from "./fork.ts";
import { type Saved, States } from "./states.ts";

function trialOf(id: string, seed: number): Trial {
  return {
    ...{ id, identity: id, block: 0, settings: { ...defaultSettings, workload: "kernels", seed } },
    phases: ["boot", "load", "settle", "merge", "end"],
  };
}

const [a, b, c, d, alone] = [
  ...[trialOf("a", 1), trialOf("b", 1), trialOf("c", 2), trialOf("d", 2), trialOf("alone", 3)],
] as const;

function statesOf(...trials: Trial[]): States {
  const states = new States((trial) => prefixOf(trial, {}));
  states.expect(trials);
  return states;
}

/** Saves states as the emulator does, but of nothing, and keeps who had them saved. */
class Saver {
  readonly asked: string[] = [];
  readonly save = async ({ id }: Trial, path: string): Promise<Saved> => {
    this.asked.push(id);
    await Deno.writeTextFile(path, `state of ${id}`);
    return { path, cost: { wall_s: 1, writing_s: 0.5, bytes: 10, instructions: 1000 } };
  };
}

const read = (saved: Saved) =>
  Promise.resolve(typeof saved === "object" && "path" in saved ? saved.path : "none")
    .then((path) => Deno.readTextFile(path));

Deno.test("two trials go on from one state, which is saved once and then removed", async () => {
  const states = statesOf(a, b);
  const saver = new Saver();
  let dir = "";
  const first = await states.goOn(a, saver.save, (saved) => {
    assert(typeof saved === "object" && "path" in saved);
    dir = dirname(saved.path);
    return read(saved);
  });
  assert(await exists(dir), "the state was removed before its last trial");
  const second = await states.goOn(b, saver.save, read);
  assertEquals([first, second, saver.asked], ["state of a", "state of a", ["a"]]);
  assert(!await exists(dir), "the state was left behind");
});

Deno.test("trials that begin at the same time wait for one state", async () => {
  const states = statesOf(a, b);
  const saver = new Saver();
  const both = await Promise.all([a, b].map((trial) => states.goOn(trial, saver.save, read)));
  assertEquals([both, saver.asked], [["state of a", "state of a"], ["a"]]);
});

Deno.test("a trial that shares its prefix with none is booted whole", async () => {
  const states = statesOf(a, b, alone);
  const saver = new Saver();
  assertEquals(await states.goOn(alone, saver.save, read), undefined);
  assertEquals(saver.asked, []);
  await states.close();
});

Deno.test("what kept a state from being saved is told to all who were to go on from it", async () => {
  for (
    const ended of ["interrupted", {
      failure: "a guest died",
      records: new Uint8Array(3),
      evidence: {},
    }] as const
  ) {
    const states = statesOf(a, b);
    const save = () => Promise.resolve<Saved>(ended);
    const told = await Promise.all(
      [a, b].map((trial) => states.goOn(trial, save, (saved) => Promise.resolve(saved))),
    );
    assertEquals(told, [ended, ended]);
  }
});

Deno.test("an error in saving is that of all who were to go on from the state", async () => {
  const states = statesOf(a, b);
  const save = () => Promise.reject(new LabError("Cannot save: no room"));
  for (const trial of [a, b]) {
    await assertRejects(() => states.goOn(trial, save, read), LabError, "no room");
  }
});

Deno.test("next() prefers a trial whose state is there, then one for which nobody has to wait", async () => {
  const states = statesOf(a, b, c, d);
  const saver = new Saver();
  assertEquals(states.next([a, b, c, d]), 0);
  let finish = () => {};
  const held = new Promise<void>((resolve) => finish = resolve);
  const saving = states.goOn(a, async (trial, path) => {
    await held;
    return await saver.save(trial, path);
  }, read);
  assertEquals(states.next([b, c, d]), 1, "b would wait for a");
  assertEquals(states.next([b]), 0, "nothing else is left");
  finish();
  await saving;
  assertEquals(states.next([c, d, b]), 2, "b can go on at once, and lets the state be removed");
  await states.close();
});

Deno.test("close() removes states that trials were still expected for", async () => {
  const states = statesOf(a, b);
  const saver = new Saver();
  let dir = "";
  await states.goOn(a, saver.save, (saved) => {
    assert(typeof saved === "object" && "path" in saved);
    dir = dirname(saved.path);
    return read(saved);
  });
  assert(await exists(dir));
  await states.close();
  assert(!await exists(dir), "the state was left behind");
  assertEquals(await states.goOn(b, saver.save, read), undefined);
});
