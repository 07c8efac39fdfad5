// SPDX-License-Identifier: Apache-2.0
/**
 * How long it takes to load and attribute a long raw trace. From the project's folder:
 *
 *     deno run --allow-read --allow-env --allow-sys analysis/trace/benchmark.ts [EVENTS] [wasm|native]
 *
 * (`native` also needs --allow-ffi.) The events are made up: guests fault on pages, KSM drops their
 * mappings, they fault again, in ten trials. Nothing is written.
 */
import { LabError } from "../../base/errors.ts";
import { fillAttribution } from "./attribution.ts";
import { engineKind } from "../engine/engine.ts";
import { openEngine } from "../engine/open.ts";
import { parseRecords } from "../../contract/records.ts";
import { readSchema } from "../tables/schema.ts";
import { closed } from "../testdata/synthetic.ts";
import { manyEvents } from "../testdata/trace.ts";
import { traceRows } from "./interpret.ts";

const TRIALS = 10;

function seconds(since_ms: number): string {
  return `${((performance.now() - since_ms) / 1000).toFixed(1)} s`;
}

async function benchmark(events: number, engineName: string): Promise<void> {
  const kind = engineKind(engineName);
  const files = Array.from({ length: TRIALS }, (_, trial) => {
    const lines = manyEvents(Math.round(events / TRIALS), trial);
    return closed(lines.map((line) => ({ t_ns: 0, phase: "boot", ...line })));
  });
  const mib = files.reduce((sum, { length }) => sum + length, 0) / 2 ** 20;
  console.log(`${events} events in ${TRIALS} trials, ${mib.toFixed(0)} MiB of records`);

  const began_ms = performance.now();
  const engine = await openEngine(kind);
  await engine.query((await readSchema()).sql);
  const trials = files.map((_, trial_number) => ({ trial_number, trial: `t${trial_number}` }));
  await engine.insert("trials", trials);
  for (const [trial, bytes] of files.entries()) {
    const records = parseRecords(bytes, `t${trial}`);
    for (
      const [table, batch] of Object.entries(
        traceRows(records, {
          trialNumber: trial,
          file: `t${trial}`,
          processor: { vendor: "svm", paging: "nested" },
          inPlace: false,
        }),
      )
    ) {
      await engine.insertColumns(table, batch);
    }
  }
  console.log(`loaded in ${seconds(began_ms)}`);
  const loaded_ms = performance.now();
  await fillAttribution(engine);
  console.log(`attributed in ${seconds(loaded_ms)}`);
  const { rows } = await engine.query(
    "SELECT cause, count(*) AS faults FROM fault_causes GROUP BY cause ORDER BY cause",
  );
  console.log(rows.map(({ cause, faults }) => `${cause}: ${faults}`).join(", "));
  console.log(`${kind}: in all ${seconds(began_ms)}`);
  engine.close();
}

if (import.meta.main) {
  const [events = "10000000", kind = "wasm"] = Deno.args;
  if (!/^[1-9]\d*$/.test(events)) throw new LabError(`Cannot make "${events}" events`);
  await benchmark(Number(events), kind);
  // As the verbs do. Left to end by itself after much garbage, the process that has loaded the native
  // engine crashes while it is taken down.
  Deno.exit(0);
}
