// SPDX-License-Identifier: Apache-2.0
/**
 * The verbs of the lab: the one table that says what each is called by, does and may do. The
 * bootstrap goes by it (see needs.ts), and so do help, completion and docs/VERBS.md.
 */
import type { Verb } from "./verb.ts";
import { build, stress } from "./verbs/building.ts";
import { clean, completion, doctor, lock, test } from "./verbs/keeping.ts";
import { bench, reference, run, verify } from "./verbs/measuring.ts";
import { compare, experiments, pack, query, report, view } from "./verbs/reading.ts";

export const verbs: Readonly<Record<string, Verb>> = {
  run,
  verify,
  report,
  query,
  view,
  compare,
  pack,
  reference,
  experiments,
  bench,
  build,
  lock,
  stress,
  doctor,
  clean,
  test,
  completion,
};
