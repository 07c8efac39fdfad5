// SPDX-License-Identifier: Apache-2.0
/** The rates that ksmtuned goes through. */
import { DEFAULT_OVER_GIB } from "../../../contract/outside.ts";
import { type Evidence, type Finding, rowsOf } from "../finding.ts";
import { counted, whole, withUnit } from "../numbers.ts";
import type { Answer } from "../../engine/result.ts";
import { duration, mib, numberOf } from "./words.ts";

/** Rates and the times of a pass; null where nothing of ksmtuned is known. */
export function ratesFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "outside_rates");
  if (rows.length === 0) return null;
  const over_gib = overOf(evidence);
  const [conf, log] = ["conf", "log"].map((name) => rows.filter(({ source }) => source === name));
  return {
    id: "rates",
    heading: "The rates that ksmtuned goes through",
    sentences: [...configured(conf!, over_gib), ...logged(log!, over_gib)],
    tables: [],
    caveats: [
      "A rate is the most that its batch and pause allow: the time that ksmd works on a batch comes on top, so a pass takes longer.",
    ],
    table: "outside_rates",
  };
}

/** What a pass goes over, from the command: run.json has it. */
function overOf({ run }: Evidence): number {
  const at = run.command.indexOf("--over");
  return at < 0
    ? DEFAULT_OVER_GIB
    : Number.parseFloat(run.command[at + 1] ?? "") || DEFAULT_OVER_GIB;
}

function passOf(row: Answer, over_gib: number): string {
  const per_s = numberOf(row.pages_per_s);
  const pages = over_gib * 2 ** 30 / Number(row.page_bytes);
  if (per_s === undefined || per_s === 0) return "nothing is scanned";
  return `${whole(per_s)} pages/s (${
    mib(per_s * Number(row.page_bytes))
  }/s), one pass over ${over_gib}\u00a0GiB in ${duration(pages / per_s)}`;
}

const inWords: Readonly<Record<string, string>> = {
  least: "at least",
  boost: "boosted to",
  most: "at most",
};

function configured(rows: readonly Answer[], over_gib: number): string[] {
  if (rows.length === 0) return [];
  return [
    "idle (enough memory is free): KSM is stopped, 0 pages/s.",
    ...rows.map((row) =>
      `${inWords[String(row.step)]} ${counted(Number(row.pages_to_scan), "page")} each ${
        withUnit(Number(row.sleep_millisecs), "ms")
      }: ${passOf(row, over_gib)}.`
    ),
  ].map((text) => `${text[0]!.toUpperCase()}${text.slice(1)}`);
}

function logged(rows: readonly Answer[], over_gib: number): string[] {
  if (rows.length === 0) return [];
  const steps = rows.filter(({ step }) => step !== "stop");
  const named = (step: string) => rows.filter((row) => row.step === step).length;
  const times = rows.flatMap(({ t_s }) => numberOf(t_s) ?? []);
  const span = times.length > 1 ? ` over ${duration(times.at(-1)! - times[0]!)}` : "";
  const sorted = steps.toSorted((a, b) => Number(a.pages_per_s) - Number(b.pages_per_s));
  const [slowest, fastest] = [sorted[0], sorted.at(-1)];
  return [
    `The log has ${counted(rows.length, "decision")}${span}: ${counted(named("boost"), "boost")}, ${
      counted(named("decay"), "decay")
    }, and KSM was stopped ${counted(named("stop"), "time")}.`,
    ...(slowest === undefined
      ? ["KSM was never let run: enough memory was free all the time."]
      : slowest.pages_per_s === fastest!.pages_per_s
      ? [`It always ran at ${passOf(slowest, over_gib)}.`]
      : [
        `Slowest: ${passOf(slowest, over_gib)}.`,
        `Fastest: ${passOf(fastest!, over_gib)}.`,
        `It ended at ${passOf(steps.at(-1)!, over_gib)}.`,
      ]),
  ];
}
