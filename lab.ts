/**
 * The verbs of the lab. Each is loaded when it is called, so that asking for help does not load a
 * database. Exit status: 0 done, 1 the lab found a failing result, 2 bad usage or a machine that
 * cannot do it.
 */
import { runVerb, type Verbs } from "./cli/run_verb.ts";

const verbs: Verbs = {
  run: {
    summary: "run an experiment, from its file to a report",
    load: async () => (await import("./cli/run.ts")).run,
    works: true,
  },
  verify: {
    summary: "carry out a run's trials again and compare record by record",
    load: async () => (await import("./cli/verify.ts")).verify,
    works: true,
  },
  report: {
    summary: "write the report of a run anew",
    load: async () => (await import("./cli/report.ts")).report,
  },
  query: {
    summary: "ask a run's tables a question, in SQL or by name",
    load: async () => (await import("./cli/query.ts")).query,
  },
  view: {
    summary: "ask the tables of one run or several on a page of this machine",
    load: async () => (await import("./cli/view.ts")).view,
  },
  compare: {
    summary: "hold two runs against each other, number by number",
    load: async () => (await import("./cli/compare.ts")).compare,
  },
  pack: {
    summary: "pack a run with all it ran on into one archive that others can check",
    load: async () => (await import("./cli/pack.ts")).pack,
  },
  reference: {
    summary: "show or renew the committed run that every change is held against",
    load: async () => (await import("./cli/reference.ts")).reference,
    works: true,
  },
  experiments: {
    summary: "list the experiments that come with the lab",
    load: async () => (await import("./cli/experiments.ts")).experiments,
  },
  build: {
    summary: "build kernel, emulator and images ahead of a run",
    load: async () => (await import("./cli/build.ts")).build,
    works: true,
  },
  lock: {
    summary: "check or update the versions of all sources and packages that are locked",
    load: async () => (await import("./cli/lock.ts")).lock,
  },
  stress: {
    summary: "put the patched kernel under fire: memory, locking, the kernel's own tests",
    load: async () => (await import("./cli/stress.ts")).stressKernel,
    works: true,
  },
  doctor: {
    summary: "say what this machine can do, and why",
    load: async () => (await import("./cli/doctor.ts")).doctor,
  },
  clean: {
    summary: "delete what was built and downloaded",
    load: async () => (await import("./cli/clean.ts")).clean,
  },
  test: {
    summary: "check and test the lab itself (--quick: without booting anything)",
    load: async () => (await import("./cli/run_tests.ts")).test,
  },
};

if (import.meta.main) Deno.exit(await runVerb(verbs, Deno.args));
