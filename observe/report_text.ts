// SPDX-License-Identifier: Apache-2.0
/** What observe.sh says, in parts: the host, then ticks, each with what was read at that moment. */
import { ksmdTime, numbersIn, partsOf, processTime } from "../hosts/command/parts.ts";

/** A virtual machine at one moment. */
export interface SeenVm {
  pid: number;
  command: string;
  /** KVM's statistics by name. */
  stats: Record<string, number>;
  /** Names of its threads. */
  threads: Map<number, string>;
  /** CPU time of its process since it was started, ns; undefined where it is not told. */
  run_ns: number | undefined;
  /** ksm_merging_pages, and of ksm_stat what there is. */
  merging: Record<string, number>;
  /** Lines of smaps_rollup, KiB; empty in the middle. */
  memory_kib: Record<string, number>;
  /** Where its memory lies, as pairs of addresses; empty in the middle. */
  maps: [from: number, to: number][];
}

/** A moment. */
export interface Tick {
  /** Since the host was started, s. */
  at_s: number;
  ksm: Record<string, number>;
  /** CPU time of ksmd, ns. */
  ksmd_run_ns: number | undefined;
  meminfo_kib: Record<string, number>;
  vmstat: Record<string, number>;
  vms: SeenVm[];
  /** Counts by thread and by code, since tracing began; undefined where they are not counted (any more). */
  exits: ThreadCount[] | undefined;
  faults: ThreadCount[] | undefined;
  /** How often KSM told KVM that a page is taken away. */
  unmaps: number | undefined;
  /** Events one by one since the tick before, as tracefs prints them; undefined where none are followed. */
  trace: string[] | undefined;
  /** Events that found no room. */
  lost: number;
  /** CPU time that looking itself has taken so far, s. */
  own_s: number;
}

/** Of a histogram. */
export interface ThreadCount {
  thread: number;
  code: number;
  count: number;
}

/** All of it. */
export interface Seen {
  host: Record<string, string>;
  notes: string[];
  ticks: Tick[];
  /** After so many seconds exits were no longer told apart, as there were too many. */
  limitedAfter_s: number | undefined;
  /** The last line was there: all was put back, or what was not. */
  ended: { left: string } | undefined;
}

/** Reads it, as far as it goes: a connection may have been lost. A tick that is not whole is left out. */
export function readSeen(text: string): Seen {
  const seen: Seen = {
    ...{ host: {}, notes: [], ticks: [], limitedAfter_s: undefined, ended: undefined },
  };
  let tick: Tick | undefined;
  /* Half a line is none. */
  for (const { words, lines } of partsOf(text.slice(0, text.lastIndexOf("\n") + 1))) {
    const [what, ...rest] = words;
    if (what === "host") seen.host = Object.fromEntries(lines.map(splitAtSpace));
    else if (what === "note") seen.notes.push(rest.join(" "));
    else if (what === "limited") seen.limitedAfter_s = Number(rest[0]);
    else if (what === "end") seen.ended = { left: rest.join(" ").trim() };
    else if (what === "tick") tick = emptyTick(Number(rest[0]));
    else if (what === "done" && tick !== undefined) {
      seen.ticks.push(tick);
      tick = undefined;
    } else if (tick !== undefined) takePart(tick, what!, rest, lines);
  }
  return seen;
}

function emptyTick(at_s: number): Tick {
  return {
    ...{ at_s, ksm: {}, ksmd_run_ns: undefined, meminfo_kib: {}, vmstat: {}, vms: [] },
    ...{ exits: undefined, faults: undefined, unmaps: undefined, trace: undefined },
    ...{ lost: 0, own_s: 0 },
  };
}

function takePart(tick: Tick, what: string, rest: string[], lines: string[]): void {
  const vm = tick.vms.at(-1);
  switch (what) {
    case "ksm":
      tick.ksm = numbersIn(lines);
      break;
    case "ksmd":
      tick.ksmd_run_ns = ksmdTime(lines);
      break;
    case "meminfo":
      tick.meminfo_kib = kibIn(lines);
      break;
    case "vmstat":
      tick.vmstat = numbersIn(lines);
      break;
    case "hist":
      takeHistogram(tick, rest[0]!, lines);
      break;
    case "trace":
      tick.trace = lines;
      break;
    case "dropped":
      tick.lost = Number(rest[0]);
      break;
    case "self":
      tick.own_s = lines.flatMap((line) => line.split(" ")).reduce(
        (sum, one) => sum + spent(one),
        0,
      );
      break;
    case "vm":
      tick.vms.push({
        ...{ pid: Number(rest[0]), command: rest.slice(1).join(" "), stats: {}, run_ns: undefined },
        ...{ threads: new Map(), merging: {}, memory_kib: {}, maps: [] },
      });
      break;
    default:
      if (vm !== undefined) takePartOfVm(vm, what, lines);
  }
}

function takePartOfVm(vm: SeenVm, what: string, lines: string[]): void {
  switch (what) {
    case "stats":
      /* A process with several machines has them together. */
      for (const [name, value] of Object.entries(numbersIn(lines))) {
        vm.stats[name] = (vm.stats[name] ?? 0) + value;
      }
      break;
    case "threads":
      vm.threads = new Map(lines.map(splitAtSpace).map(([id, name]) => [Number(id), name]));
      break;
    case "stat":
      vm.run_ns = processTime(lines[0]);
      break;
    case "merging":
      vm.merging = numbersIn(lines);
      break;
    case "memory":
      vm.memory_kib = kibIn(lines);
      break;
    case "maps":
      vm.maps = lines.map((line): [number, number] => {
        const [from, to] = line.split("-");
        return [Number.parseInt(from!, 16), Number.parseInt(to ?? "", 16)];
      }).filter(([from, to]) => to > from);
  }
}

function splitAtSpace(line: string): [string, string] {
  const at = line.indexOf(" ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

/** "MemTotal:  123 kB" lines. */
function kibIn(lines: readonly string[]): Record<string, number> {
  return Object.fromEntries(lines.flatMap((line) => {
    const [, name, value] = /^([A-Za-z_()]+):\s+(\d+) kB$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.replace(/[()]/g, "_"), Number(value)]];
  }));
}

/** "0m1.330000s" as times(1) prints it. */
function spent(text: string): number {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return minutes === undefined ? 0 : 60 * Number(minutes) + Number(seconds);
}

const entry = /^\{ common_pid: +(\d+)(?:, (?:exit_reason|error_code): +(\d+))? \} hitcount: +(\d+)/;

function takeHistogram(tick: Tick, name: string, lines: readonly string[]): void {
  const counts = lines.flatMap((line): ThreadCount[] => {
    const [, thread, code, count] = entry.exec(line) ?? [];
    return thread === undefined
      ? []
      : [{ thread: Number(thread), code: Number(code ?? 0), count: Number(count) }];
  });
  if (name === "exits") tick.exits = counts;
  else if (name === "faults") tick.faults = counts;
  else if (name === "unmaps") tick.unmaps = counts.reduce((sum, { count }) => sum + count, 0);
}
