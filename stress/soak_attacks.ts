// SPDX-License-Identifier: Apache-2.0
/** Does to a lab that goes on what a soak has drawn for it. */
import { delay } from "@std/async";
import { exists } from "../base/files.ts";
import { damageCache } from "./soak_cache.ts";
import type { Going, SoakPlace } from "./soak_place.ts";
import {
  type Attack,
  type Damage,
  describeAttack,
  type Fill,
  hasReached,
  type Kill,
  type Moment,
} from "./soak_rounds.ts";

const poll_ms = 20;

/**
 * Waits for the moment, does it, and waits for the lab to end.
 *
 * @returns what was done and how the lab ended, in words.
 */
export async function attacked(
  going: Going,
  attack: Attack,
  place: SoakPlace,
  cache: string,
): Promise<string> {
  const did = await {
    kill: () => kill(going, attack as Kill, place, cache),
    fill: () => fill(going, attack as Fill, place, cache),
    damage: () => damage(going, attack as Damage, cache),
  }[attack.kind]();
  return `${did ?? `too late for ${describeAttack(attack)}`}: ${await going.ended}`;
}

async function kill(
  going: Going,
  attack: Kill,
  place: SoakPlace,
  cache: string,
): Promise<string | undefined> {
  await reach(attack.at, going);
  while (!going.hasEnded()) {
    const processes = attack.victim === "lab"
      ? [await going.process()]
      : await place.emulators(cache);
    /* One of them, where there are several. */
    const [victim] = processes;
    if (victim !== undefined && await place.send(attack.signal, victim)) {
      return describeAttack(attack);
    }
    await delay(poll_ms);
  }
  return undefined;
}

async function fill(
  going: Going,
  attack: Fill,
  place: SoakPlace,
  cache: string,
): Promise<string | undefined> {
  await reach(attack.at, going);
  if (going.hasEnded()) return undefined;
  await place.fill(attack.disk, cache);
  const inTime = !going.hasEnded();
  await going.ended;
  await place.free(attack.disk, cache);
  return inTime ? describeAttack(attack) : undefined;
}

/** Once the lab has ended: the next one finds it. */
async function damage(
  going: Going,
  attack: Damage,
  cache: string,
): Promise<string | undefined> {
  await going.ended;
  return await damageCache(cache, attack);
}

async function reach({ phase, then_ms }: Moment, { log, hasEnded }: Going): Promise<void> {
  const isThere = async () => await exists(log) && hasReached(phase, await Deno.readTextFile(log));
  while (!hasEnded() && !await isThere()) await delay(poll_ms);
  const began_ms = performance.now();
  while (!hasEnded() && performance.now() - began_ms < then_ms) await delay(poll_ms);
}
