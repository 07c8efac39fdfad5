// SPDX-License-Identifier: Apache-2.0
/**
 * What a host had counted before a trial and behind it, as records: where the trial's own counters begin,
 * and what else went on. The agent reads what the host counts at the end of each phase; on a machine
 * that has run for months the first of these is no count of a phase.
 */
import { BEFORE } from "../../contract/before.ts";
import type { RecordOf } from "../../contract/kinds.ts";
import { type AnyRecord, recordOr } from "../../contract/record.ts";
import { ksmdTime, numbersIn, partsOf, ticksPerSecond } from "./parts.ts";

type Parts = ReadonlyMap<string, readonly string[]>;

/**
 * A trial's records with what was counted around it: what stood before its first record, in a phase of its own, and how
 * the host was left behind the last; and what single operations cost there.
 *
 * @param text as the verb `counted` says it; where a part of it is missing, so are records
 * @param cpus the kernel's numbers of those that the trial had
 */
export function withCounted(
  records: Uint8Array,
  text: string,
  cpus: readonly number[],
): Uint8Array {
  const said = new TextDecoder().decode(records);
  const lines = said.trimEnd().split("\n");
  const [first, last] = [lines[0]!, lines.at(-1)!].map((line) => recordOr(line, {}));
  /* What is no record is somebody else's to refuse. */
  if (typeof first !== "object" || typeof last !== "object") return records;
  const { before, after } = momentsIn(text);
  const linesOf = (records: AnyRecord[]) => records.map((one) => `${JSON.stringify(one)}\n`);
  return new TextEncoder().encode([
    ...(before === undefined ? [] : linesOf(recordsBefore(before, first.t_ns, cpus))),
    said,
    ...(after === undefined ? [] : linesOf([surroundings("after", after, last, cpus)])),
  ].join(""));
}

function momentsIn(text: string): { before?: Parts; after?: Parts } {
  const moments: Record<string, Map<string, readonly string[]>> = {};
  let now: Map<string, readonly string[]> | undefined;
  for (const { words: [what], lines } of partsOf(text)) {
    if (what === "before" || what === "after") moments[what] = now = new Map();
    else now?.set(what!, lines);
  }
  const whole = (moment: Parts | undefined) => moment?.has("whole") ? moment : undefined;
  const [before, after] = [whole(moments.before), whole(moments.after)];
  return { ...(before && { before }), ...(after && { after }) };
}

function recordsBefore(parts: Parts, t_ns: number, cpus: readonly number[]): AnyRecord[] {
  const head = { t_ns, phase: BEFORE };
  const run_ns = ksmdTime(parts.get("ksmd") ?? []);
  return [
    surroundings("before", parts, head, cpus),
    ...(run_ns === undefined ? [] : [{ ...head, kind: "cpu", task: "ksmd", run_ns }]),
    { ...head, kind: "vm_events", ...eventsIn(parts.get("vmstat") ?? []) },
    ...interruptsIn(parts.get("interrupts") ?? [])
      .map((one) => ({ ...head, kind: "interrupts", ...one })),
    ...primitivesIn(parts.get("primitives") ?? [])
      .map((one) => ({ ...head, kind: "primitives", ...one })),
  ];
}

/** What a single operation costs, as contract/records/host.ts has it. */
type Primitive = Pick<
  RecordOf<"primitives">,
  "operation" | "others" | "rounds" | "least_ticks" | "median_ticks"
>;

/** As primitives.c says them: "guest flush running 1000 11442 17150". */
export function primitivesIn(lines: readonly string[]): Primitive[] {
  return lines.flatMap((line) => {
    const [, operation, others, rounds, least, median] =
      /^([a-z ]+) (asleep|running) (\d+) (\d+) (\d+)$/.exec(line) ?? [];
    if (operation === undefined) return [];
    return [{
      ...{ operation, others: others as "asleep" | "running", rounds: Number(rounds) },
      ...{ least_ticks: Number(least), median_ticks: Number(median) },
    }];
  });
}

function surroundings(
  event: "before" | "after",
  parts: Parts,
  { t_ns, phase }: Pick<AnyRecord, "t_ns" | "phase">,
  cpus: readonly number[],
): AnyRecord {
  const { pages_shared, pages_sharing } = numbersIn(parts.get("ksm") ?? []);
  const merging = parts.get("merging") ?? [];
  return {
    ...{ t_ns, phase, kind: "surroundings", event },
    throttled: throttledIn(parts.get("throttled") ?? [], cpus),
    stolen_ns: stolenIn(parts.get("stat") ?? [], cpus),
    ...{ pages_shared: pages_shared ?? null, pages_sharing: pages_sharing ?? null },
    merged_elsewhere: merging.length === 0
      ? null
      : merging.reduce((sum, pages) => sum + Number(pages), 0),
  };
}

/** Steal is the eighth number behind the CPU's name: user nice system idle iowait irq softirq steal. */
const stealAt = 8;

/** Time that another machine had of these CPUs, by /proc/stat; null where it does not say. */
export function stolenIn(lines: readonly string[], cpus: readonly number[]): number | null {
  const ticks = lines.map((line) => line.split(" ")).filter(([name]) =>
    cpus.includes(Number(name!.slice("cpu".length)))
  ).map((words) => Number(words[stealAt] ?? NaN));
  const sum = ticks.reduce((all, one) => all + one, 0);
  return ticks.length === 0 || Number.isNaN(sum) ? null : sum * 1e9 / ticksPerSecond;
}

/** "core 3 12", "package 3 4": each core's own, and the most that one of them says of its package. */
export function throttledIn(lines: readonly string[], cpus: readonly number[]): number | null {
  const counts = lines.map((line) => line.split(" ")).filter(([, cpu]) =>
    cpus.includes(Number(cpu))
  );
  if (counts.length === 0) return null;
  const of = (what: string) =>
    counts.filter(([of]) => of === what).map(([, , count]) => Number(count));
  return of("core").reduce((sum, one) => sum + one, 0) + Math.max(0, ...of("package"));
}

/** Lines of /proc/vmstat that count what happens; the others say how much there is now. */
function eventsIn(lines: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(numbersIn(lines)).filter(([name]) =>
      !name.startsWith("nr_") || name.startsWith("nr_tlb_")
    ),
  );
}

/** /proc/interrupts as the agent has it: each CPU's by name, those of devices together; none that are 0. */
export function interruptsIn(
  lines: readonly string[],
): { cpu: number; name: string; count: number }[] {
  const [heading = "", ...rows] = lines;
  const cpus = [...heading.matchAll(/CPU(\d+)/g)].map(([, cpu]) => Number(cpu));
  const sums = new Map<string, { cpu: number; name: string; count: number }>();
  for (const row of rows) {
    const [, said, numbers] = /^ *([^: ]+): *((?:\d+ *)+)/.exec(row) ?? [];
    const counts = numbers?.trim().split(/ +/).slice(0, cpus.length) ?? [];
    /* What has no number for each CPU is nobody's ("ERR"). */
    if (counts.length < cpus.length) continue;
    const name = /^\d/.test(said!) ? "devices" : said!;
    for (const [at, cpu] of cpus.entries()) {
      const key = `${cpu} ${name}`;
      const count = (sums.get(key)?.count ?? 0) + Number(counts[at]);
      if (count > 0) sums.set(key, { cpu, name, count });
    }
  }
  return [...sums.values()];
}
