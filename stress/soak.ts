// SPDX-License-Identifier: Apache-2.0
/**
 * `lab stress soak`: small random experiments that are killed, run out of disk and lose parts of the
 * cache, until they are done; then each trial has to be as in a run that nobody has disturbed.
 */
import { join } from "@std/path";
import { removeIfThere } from "../base/files.ts";
import { goOnUnlessInterrupted } from "../base/interruption.ts";
import type { Report } from "../base/report.ts";
import type { KernelLine } from "../kernel/lines.ts";
import { cacheRoot, withScratch } from "../store/cache.ts";
import type { StressLine } from "./parts.ts";
import { attacked } from "./soak_attacks.ts";
import { copyCache } from "./soak_cache.ts";
import { SoakPlace } from "./soak_place.ts";
import {
  describeRound,
  differences,
  type Ended,
  type Round,
  roundOf,
  runNameIn,
  runWords,
} from "./soak_rounds.ts";

export interface SoakRequest {
  /** No round begins later than this. */
  for_s: number;
  /** Of all rounds; drawn if not given. */
  seed?: number | undefined;
  /** Ends after as many. */
  rounds?: number | undefined;
}

const largestSeed = 1_000_000;

/** How often a run is gone on with, at most, once nobody disturbs it any more. */
const mostResumes = 4;

/** The two caches of a soak. */
interface Caches {
  /** Of the runs that are disturbed: what is damaged stays so until a lab mends it. */
  worn: string;
  /** Of the others. */
  clean: string;
}

/** How a round ended. */
interface Outcome {
  /** Finished trials that were compared. */
  trials: number;
  /** What was done, and how each call of the lab ended. */
  done: string[];
  wrong: string[];
}

/**
 * Says one line a round, and one at the end.
 *
 * @throws {LabError} where this machine has no namespaces of mounts, or a part cannot be built.
 */
export async function soak(
  request: SoakRequest,
  line: KernelLine,
  say: (line: StressLine) => void,
  report: Report,
): Promise<void> {
  const began_ms = performance.now();
  const seed = request.seed ??
    crypto.getRandomValues(new Uint32Array(1))[0]! % largestSeed + 1;
  report(`The seed is ${seed}: \`./lab stress soak --seed ${seed}\` has the same rounds`);
  await withScratch(`soak-${seed}`, (dir) =>
    SoakPlace.within(dir, async (place) => {
      await buildAll(place, line);
      const caches = {
        worn: await copyCache(join(dir, "worn")),
        clean: await copyCache(join(dir, "clean")),
      };
      let [number, trials, wrong] = [0, 0, 0];
      const seconds = () => (performance.now() - began_ms) / 1000;
      while (seconds() < request.for_s && number < (request.rounds ?? Infinity)) {
        const round = roundOf(seed, ++number, line);
        const outcome = await carryOut(round, number, place, caches);
        goOnUnlessInterrupted(`${number - 1} rounds of the soak were done`);
        trials += outcome.trials;
        wrong += outcome.wrong.length;
        say(lineOf(number, round, outcome));
        if (outcome.wrong.length > 0) {
          const kept = join(cacheRoot(), "logs", `soak-${seed}-${number}`);
          await place.keep(kept);
          report(`The runs of round ${number} are kept in ${kept}`, "warning");
        }
        await place.sweep();
        /* So that a damaged trial is one of the round's own. */
        await removeIfThere(join(caches.worn, "trial"));
      }
      say({
        part: "soak",
        what: `seed ${seed}, ${Math.round(seconds())} s`,
        passed: wrong === 0 && number > 0,
        seen: `${number} rounds, ${trials} trials, ${wrong} differences`,
      });
    }));
}

function lineOf(number: number, round: Round, { trials, done, wrong }: Outcome): StressLine {
  const end = wrong.length === 0 ? `all ${trials} trials as in the clean run` : wrong.join("; ");
  return {
    part: "soak",
    what: `round ${number}: ${describeRound(round)}`,
    passed: wrong.length === 0,
    seen: `${done.join(", ")}; ${end}`,
  };
}

/** What both caches have from the start is not built twice. */
async function buildAll(place: SoakPlace, line: KernelLine): Promise<void> {
  const ended = await place.lab(["build", "--line", line], cacheRoot(), "build").ended;
  if (ended !== "exit 0") throw new Error(`./lab build ended with ${ended}`);
}

async function carryOut(
  round: Round,
  number: number,
  place: SoakPlace,
  { worn, clean }: Caches,
): Promise<Outcome> {
  const done: string[] = [];
  let run: string | undefined;
  let calls = 0;
  /* Begins the run, or goes on with it. */
  const next = () => {
    const words = run === undefined ? runWords(round, true) : ["run", "--resume", run, "--json"];
    return place.lab(words, worn, `${number}-${++calls}`);
  };
  for (const attack of round.attacks) {
    const own = attack.kind === "fill" && attack.disk === "tmp";
    if (own) await place.mountTmp(worn);
    const going = next();
    done.push(await attacked(going, attack, place, worn));
    if (own) await place.unmountTmp(worn);
    run ??= await nameIn(going.log, place);
  }
  let ended = "";
  for (let resumes = 0; ended !== "exit 0" && resumes < mostResumes; resumes++) {
    const going = next();
    ended = await going.ended;
    run ??= await nameIn(going.log, place);
    done.push(`${resumes === 0 ? "then" : "and"} ${ended}`);
  }
  const names = [run];
  if (round.attacks.some(({ kind }) => kind === "damage")) {
    /* A stored trial is believed or not by a run that has none of its own. */
    const again = place.lab(runWords(round, false), worn, `${number}-again`);
    done.push(`again ${await again.ended}`);
    names.push(await nameIn(again.log, place));
  }
  const reference = place.lab(runWords(round, true), clean, `${number}-clean`);
  done.push(`clean ${await reference.ended}`);
  const expected = await trialsOf(await nameIn(reference.log, place), place);

  let trials = 0;
  const wrong: string[] = [];
  for (const name of names) {
    const found = await trialsOf(name, place);
    trials += found.filter(({ status }) => status === "done").length;
    wrong.push(...differences(found, expected));
  }
  if (expected.length === 0) wrong.push("the clean run has no trials");
  return { trials, done, wrong };
}

/** The run that a log is of. A run whose folder was not whole is begun again. */
async function nameIn(log: string, place: SoakPlace): Promise<string | undefined> {
  const name = runNameIn(await Deno.readTextFile(log));
  return name !== undefined && await place.hasRun(name) ? name : undefined;
}

async function trialsOf(name: string | undefined, place: SoakPlace): Promise<readonly Ended[]> {
  return name === undefined ? [] : (await place.runFile(name))?.trials ?? [];
}
