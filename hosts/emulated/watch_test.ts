// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertMatch } from "@std/assert";
import { defaultSettings, type Settings } from "../../contract/settings.ts";
import { instructionsPer_ms, patienceWith } from "./patience.ts";
import { type Look, lookEvery_s, Watch } from "./watch.ts";

const settings = { ...defaultSettings, workload: "pagecache" } as Settings;

/** Ten seconds without a word are the most, of which each takes a second of CPU time. */
function watch(): Watch {
  return new Watch({
    ...{ longestSilence_ms: () => 10_000, leastSpeed_per_s: 1000 * instructionsPer_ms },
    ...{ standstill_s: 20, instructionsPer_ms },
  });
}

/** Takes looks until something is wrong. @returns what, and after how many looks. */
function seeAll(looks: Look[], one = watch()): [string | undefined, number] {
  for (const [at, look] of looks.entries()) {
    const found = one.see(look, "touch");
    if (found !== undefined) return [found, at + 1];
  }
  return [undefined, looks.length];
}

const many = (look: (at: number) => Look, count = 1000) =>
  Array.from({ length: count }, (_, at) => look(at));

Deno.test("an emulator that gets little of a busy machine is waited for, whatever time passes", () => {
  /* A hundredth of a second of CPU time in each look, and a record with every hundredth. */
  const looks = many((at) => ({
    ...{ cpu_s: at / 100, stopped: false, bytes: Math.floor(at / 100) },
  }));
  assertEquals(seeAll(looks), [undefined, 1000]);
});

Deno.test("an emulator that was stopped is told from one that hangs", () => {
  const still = (stopped: boolean) => many(() => ({ cpu_s: 5, stopped, bytes: 7 }));
  const [stopped, looks] = seeAll(still(true));
  assertMatch(stopped!, /^the emulator was stopped by a signal, such as SIGSTOP: for 20 s/);
  assertEquals(looks, 20 / lookEvery_s + 1);
  assertMatch(seeAll(still(false))[0]!, /^the emulator hung: for 20 s it executed nothing/);
});

Deno.test("an emulator that writes but does not execute gets on", () => {
  const looks = many((at) => ({ cpu_s: 5, stopped: false, bytes: Math.floor(at / 5) }));
  assertEquals(seeAll(looks), [undefined, 1000]);
});

Deno.test("a machine that says nothing for longer than its agent waits for anything has hung", () => {
  const busy = (cpu_s: number) => many((at) => ({ cpu_s: at * cpu_s, stopped: false, bytes: 1 }));
  const [found, looks] = seeAll(busy(1));
  assertMatch(found!, /^the emulated machine hung in the phase touch: .* 11 s of CPU time/);
  assertEquals(looks, 12);
  /* Where CPU time cannot be known it counts as if all time were its own. */
  const unknown = many(() => ({ cpu_s: undefined, stopped: false, bytes: 1 }));
  assertEquals(seeAll(unknown)[1], 10 / lookEvery_s + 2);
});

Deno.test("what a machine may take grows with its guests, and by what is written on the way", () => {
  const silence = (phase: string, more: Partial<Settings>) =>
    patienceWith({ ...settings, ...more } as Settings).longestSilence_ms(phase);
  const [few, many] = [{ guests: 2 }, { guests: 64 }];
  assertEquals(silence("boot", many) > 20 * silence("boot", few), true);
  assertEquals(silence("census", many) > silence("census", few), true);
  assertEquals(silence("merge", { observe: "least" }) > silence("merge", {}), true);
});
