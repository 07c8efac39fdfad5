// SPDX-License-Identifier: Apache-2.0
/** What was imported as records of one trial. */
import { LabError } from "../base/errors.ts";
import { OUTSIDE_PHASE } from "../contract/outside.ts";
import type { AnyRecord } from "../contract/record.ts";
import type { Vendor } from "../machines/machine.ts";
import { formNamed } from "./forms.ts";
import type { ExitCount, KsmReading } from "./piece.ts";
import type { Source } from "./read.ts";
import { reasonNamed, vendorOf } from "./reason_names.ts";

/** What the files say together, as a run has it. */
export interface ImportedTrial {
  records: AnyRecord[];
  /** Settings of KSM in the last reading; others are not known. */
  settings: Record<string, string | number>;
}

/** What a person has said. */
export interface Assumed {
  /** Size of the host's small pages. */
  page_bytes: number;
  every_s?: number | undefined;
}

const phase = OUTSIDE_PHASE;

/** Settings that are files of /sys/kernel/mm/ksm, and what the lab calls their levels. */
const switches = ["use_zero_pages", "smart_scan"];
const numbers = ["pages_to_scan", "sleep_millisecs", "max_page_sharing"];

/**
 * Records of files that are of one host and one time.
 *
 * @throws {LabError} If two of them say the same in different ways.
 */
export function recordsOf(sources: readonly Source[], assumed: Assumed): ImportedTrial {
  refuseTwice(sources);
  const vendor = vendorOfAll(sources);
  const clock = clockOf(sources, assumed.every_s);
  const readings = sources.flatMap((source) => source.ksm ?? []);
  const moments = clock.momentsOf(readings);
  const records: AnyRecord[] = [
    ...readings.map((reading, at) => ksmRecord(reading, moments[at]!)),
    ...stepRecords(sources, clock),
    ...exitRecords(sources, vendor),
  ].sort((a, b) => a.t_ns - b.t_ns);
  const end_ns = records.at(-1)?.t_ns ?? 0;
  const all = [
    {
      t_ns: 0,
      phase,
      kind: "host",
      page_bytes: assumed.page_bytes,
      ticks_an_instruction: 0,
      vendor,
    },
    { t_ns: 0, phase, kind: "phases", event: "begin" },
    ...sources.map((source) => sourceRecord(source, clock.isTimed(source))),
    ...records,
    ...sources.flatMap(({ name, remarks }) =>
      remarks.map((text) => ({
        t_ns: end_ns,
        phase,
        kind: "logs",
        source: "host",
        text: `${name}: ${text}`,
      }))
    ),
    { t_ns: end_ns, phase, kind: "phases", event: "end" },
  ];
  return { records: all.map(withoutUndefined), settings: settingsOf(readings.at(-1)) };
}

function withoutUndefined(record: AnyRecord): AnyRecord {
  return JSON.parse(JSON.stringify(record));
}

/** Two counts of the same exits must not be added up. */
function refuseTwice(sources: readonly Source[]): void {
  const counting = sources.filter(({ exits }) => exits !== undefined);
  const other = counting.find(({ form }) => form !== counting[0]!.form);
  if (other !== undefined) {
    throw new LabError(
      `Cannot import ${
        counting[0]!.name
      } and ${other.name} together: both count vmexits, and they would count twice`,
      "Import each by itself: ./lab compare holds them against each other",
    );
  }
  const [first, second] = sources.filter(({ form }) => form === "ksmtuned-conf");
  if (second !== undefined) {
    throw new LabError(
      `Cannot import ${
        first!.name
      } and ${second.name} together: a host has one configuration of ksmtuned`,
      "Import each by itself",
    );
  }
}

function vendorOfAll(sources: readonly Source[]): Vendor | undefined {
  const names = sources.flatMap(({ exits = [] }) => exits.map(({ name }) => name));
  return vendorOf(names) ?? sources.find(({ vendor }) => vendor !== undefined)?.vendor;
}

interface Clock {
  /** Whether a source says when. */
  isTimed(source: Source): boolean;
  /** Nanoseconds since the first moment of all; places in order where nothing says when. */
  momentsOf(things: readonly { at_s?: number | undefined }[]): number[];
}

function clockOf(sources: readonly Source[], every_s: number | undefined): Clock {
  const said = sources.flatMap(({ ksm = [], steps = [] }) =>
    [...ksm, ...steps].flatMap(({ at_s }) => at_s ?? [])
  );
  const first_s = said.reduce((least, one) => Math.min(least, one), Infinity);
  const allSay = (things: readonly { at_s?: number | undefined }[]) =>
    things.every(({ at_s }) => at_s !== undefined);
  return {
    isTimed: ({ ksm = [], steps = [] }) =>
      ksm.length > 0 ? allSay(ksm) || every_s !== undefined : steps.length > 0 && allSay(steps),
    momentsOf: (things) =>
      allSay(things)
        ? things.map(({ at_s }) => Math.round((at_s! - first_s) * 1e9))
        : things.map((_, at) =>
          Math.round(at * (every_s ?? 0) * 1e9) + (every_s === undefined ? at : 0)
        ),
  };
}

function ksmRecord({ numbers }: KsmReading, t_ns: number): AnyRecord {
  return { t_ns, phase, kind: "ksm", ...numbers };
}

function stepRecords(sources: readonly Source[], clock: Clock): AnyRecord[] {
  const steps = sources.flatMap((source) => source.steps ?? []);
  return [
    steps.filter(({ source }) => source === "conf"),
    steps.filter(({ source }) => source === "log"),
  ]
    .flatMap((some) => {
      const moments = clock.momentsOf(some);
      return some.map(({ at_s: _, ...step }, at): AnyRecord => ({
        ...{ t_ns: moments[at]!, phase, kind: "ksmtuned", ...step },
      }));
    });
}

/** Exits as counters; beside them times, where there are any. */
function exitRecords(sources: readonly Source[], vendor: Vendor | undefined): AnyRecord[] {
  const exits = sources.flatMap((source) => source.exits ?? []);
  const pids = [...new Set(exits.flatMap(({ pid }) => pid ?? []))];
  const counts = new Map<string, { key: Record<string, unknown>; count: number }>();
  const times = new Map<string, { count: number; spent_ns: number }>();
  for (const exit of exits) {
    const key = keyOf(exit, vendor, pids);
    const found = counts.get(JSON.stringify(key)) ?? { key, count: 0 };
    counts.set(JSON.stringify(key), { key, count: found.count + exit.count });
    if (exit.spent_ns === undefined) continue;
    const name = String(key.reason_code ?? key.said);
    const spent = times.get(name) ?? { count: 0, spent_ns: 0 };
    times.set(name, { count: spent.count + exit.count, spent_ns: spent.spent_ns + exit.spent_ns });
  }
  return [
    ...pids.map((pid, guest): AnyRecord => ({ t_ns: 0, phase, kind: "vms", guest, pid })),
    ...[...counts.values()].map(({ key, count }): AnyRecord => ({
      ...{ t_ns: 0, phase, kind: "exits", ...key, count },
    })),
    ...[...times].map(([key, spent]): AnyRecord => ({
      ...{ t_ns: 0, phase, kind: "host_costs", what: "exit", key, ...spent },
    })),
  ];
}

/** A code where the lab knows one, or where a number stands in a name's place; otherwise the name. */
function keyOf(
  { pid, name }: ExitCount,
  vendor: Vendor | undefined,
  pids: readonly number[],
): Record<string, unknown> {
  const number = /^(0x[0-9a-f]{1,12}|\d{1,12})$/i.test(name) ? Number(name) : undefined;
  const reason_code = number ??
    (vendor === undefined ? undefined : reasonNamed(vendor, name)?.code);
  const guest = pid === undefined ? undefined : pids.indexOf(pid);
  return { guest, reason_code, said: reason_code === undefined ? name : undefined };
}

function sourceRecord(source: Source, timed: boolean): AnyRecord {
  const { name, form, ksm = [], exits = [], steps = [], ignored, exits_s } = source;
  return {
    ...{ t_ns: 0, phase, kind: "sources", name, form, ignored, timed: Number(timed) },
    readings: ksm.length + exits.length + steps.length,
    span_ns: exits_s === undefined ? undefined : Math.round(exits_s * 1e9),
    cannot_know: formNamed(form).cannotKnow,
  };
}

function settingsOf(last: KsmReading | undefined): ImportedTrial["settings"] {
  if (last === undefined) return {};
  const { numbers: said, words } = last;
  const level = (name: string) => said[name] === 0 ? "off" : "on";
  const mode = words.advisor_mode;
  return Object.fromEntries([
    ...(said.run === undefined ? [] : [["ksm", said.run === 1 ? "on" : "off"]]),
    ...numbers.filter((name) => Object.hasOwn(said, name)).map((name) => [name, said[name]!]),
    ...switches.filter((name) => Object.hasOwn(said, name)).map((name) => [name, level(name)]),
    ...(mode === undefined || !/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(mode)
      ? []
      : [["advisor_mode", mode]]),
  ]);
}
