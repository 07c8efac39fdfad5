// SPDX-License-Identifier: Apache-2.0
/**
 * The verbs of the lab: the one table that says what each is called by, does and may do. The
 * bootstrap goes by it (see needs.ts), and so do help, completion and docs/VERBS.md.
 */
import type { Verb } from "./verb.ts";
import { explain, questions, schema } from "./verbs/asking.ts";
import { importFiles, observe } from "./verbs/outside.ts";
import { build, stress } from "./verbs/building.ts";
import { bundle } from "./verbs/bundles.ts";
import { host } from "./verbs/hosts.ts";
import { clean, completion, doctor, lock, test } from "./verbs/keeping.ts";
import { cancel } from "./verbs/machines.ts";
import { bench, demo, makeNew, reference, run, verify } from "./verbs/measuring.ts";
import { compare, experiments, pack, query, report, series, view } from "./verbs/reading.ts";
import { rm, runs } from "./verbs/runs.ts";

export const verbs: Readonly<Record<string, Verb>> = {
  demo,
  run,
  cancel,
  verify,
  runs,
  report,
  query,
  view,
  questions,
  schema,
  explain,
  compare,
  pack,
  reference,
  host,
  experiments,
  new: makeNew,
  import: importFiles,
  observe,
  bench,
  build,
  bundle,
  lock,
  series,
  stress,
  doctor,
  clean,
  rm,
  test,
  completion,
};
