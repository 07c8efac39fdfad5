// SPDX-License-Identifier: Apache-2.0
/** What was seen of a host as records of one trial: the phase `before`, then `observe`. */
import { BEFORE } from "../contract/before.ts";
import { OUTSIDE_PHASE } from "../contract/outside.ts";
import type { AnyRecord } from "../contract/record.ts";
import { Follower } from "./after_merge.ts";
import type { Seen, Tick } from "./report_text.ts";

/** What nobody can know from outside. */
const CANNOT_KNOW =
  "What the guests did, whether they would touch a page that was dropped, and what a fault costs in time (perf kvm stat or " +
  "`lab run` say that). Which fault followed which merge is known only where the kernel has the events for it, and only from " +
  "when the lab began to look. Prefetched mappings and others' changes between two looks are not seen.";

/** Settings of KSM that are columns of trials. */
const numbers = ["pages_to_scan", "sleep_millisecs", "max_page_sharing"];

/** Records, and settings as they were at the end. */
export interface ObservedTrial {
  records: AnyRecord[];
  settings: Record<string, string | number>;
}

/** At least two moments are needed: a difference has two ends. */
export const LEAST_TICKS = 2;

/** Turns what was seen into records. */
export function recordsOf(seen: Seen): ObservedTrial {
  const [first, ...later] = seen.ticks as [Tick, ...Tick[]];
  const last = later.at(-1)!;
  const at = (tick: Tick) => Math.round((tick.at_s - first.at_s) * 1e9);
  const guests = new Guests(seen.ticks);
  const records: AnyRecord[] = [];
  const record = (t_ns: number, phase: string, kind: string, fields: Record<string, unknown>) =>
    records.push(JSON.parse(JSON.stringify({ t_ns, phase, kind, ...fields })));
  record(0, BEFORE, "host", hostFields(seen.host));
  record(0, BEFORE, "phases", { event: "begin" });
  for (const [guest, vm] of guests.all.entries()) {
    record(0, BEFORE, "vms", { guest, pid: vm.pid, command: vm.command, vcpus: vm.vcpus });
  }
  const follower = new Follower();
  for (const [number, tick] of seen.ticks.entries()) {
    const phase = number === 0 ? BEFORE : OUTSIDE_PHASE;
    const say = (kind: string, fields: Record<string, unknown>) =>
      record(at(tick), phase, kind, fields);
    follower.learn(tick.vms);
    if (number > 0) follower.tick(tick, seen.ticks[number - 1]!.at_s);
    sayHost(tick, say);
    sayGuests(tick, guests, say);
    sayCounts(tick, guests, say);
    if (number === 0) {
      record(0, BEFORE, "phases", { event: "end" });
      record(0, OUTSIDE_PHASE, "phases", { event: "begin" });
    }
  }
  const say = (kind: string, fields: Record<string, unknown>) =>
    record(at(last), OUTSIDE_PHASE, kind, fields);
  for (const [pid, counts] of follower.followed.of) {
    say("after_merge", { guest: guests.numberOf(pid), ...counts, unseen_ns: 0 });
  }
  if (later.some(({ trace }) => trace !== undefined)) {
    const nobody = { dropped: 0, faults: 0, after_drop: 0, writes: 0 };
    const unknown = follower.followed.of.get(undefined) ?? nobody;
    say("after_merge", { ...unknown, unseen_ns: follower.followed.unseen_ns });
  }
  const counted = later.findLast(({ exits }) => exits !== undefined);
  say("sources", {
    ...{ name: "host", form: "observed", readings: seen.ticks.length, ignored: 0, timed: 1 },
    ...{ span_ns: at(counted ?? last), cannot_know: CANNOT_KNOW },
  });
  for (const text of remarksOf(seen, at(last) / 1e9)) say("logs", { source: "host", text });
  say("phases", { event: "end" });
  return { records, settings: settingsOf(seen.host, last) };
}

type Say = (kind: string, fields: Record<string, unknown>) => void;

function hostFields(host: Seen["host"]): Record<string, unknown> {
  return {
    arch: host.arch === "x86_64" ? host.arch : undefined,
    vendor: host.vendor === "svm" || host.vendor === "vmx" ? host.vendor : undefined,
    ...{ kernel: host.kernel, cpus: Number(host.cpus) || undefined },
    ...{ page_bytes: Number(host.page_bytes) || 4096, ticks_an_instruction: 0 },
  };
}

/** Machines by process; a machine keeps its number though others end. */
class Guests {
  readonly all: { pid: number; command: string; vcpus: number }[] = [];
  readonly #numbers = new Map<number, number>();
  /** Threads of all machines: to whom a count belongs. */
  readonly #threads = new Map<number, { guest: number; vcpu: number | undefined }>();

  constructor(ticks: readonly Tick[]) {
    for (const { vms } of ticks) {
      for (const { pid, command, threads } of vms) {
        const guest = this.#numbers.get(pid) ?? this.all.push({ pid, command, vcpus: 0 }) - 1;
        this.#numbers.set(pid, guest);
        for (const [thread, name] of threads) {
          /* QEMU's name, and Cloud Hypervisor's and Firecracker's. */
          const vcpu = /^(?:CPU (\d+)\/KVM|vcpu(\d+)|fc_vcpu (\d+))$/.exec(name)?.slice(1).find(
            Boolean,
          );
          const number = vcpu === undefined ? undefined : Number(vcpu);
          this.#threads.set(thread, { guest, vcpu: number });
          const one = this.all[guest]!;
          if (number !== undefined) one.vcpus = Math.max(one.vcpus, number + 1);
        }
      }
    }
  }

  numberOf(pid: number | undefined): number | undefined {
    return pid === undefined ? undefined : this.#numbers.get(pid);
  }

  whose(thread: number): { guest?: number | undefined; vcpu?: number | undefined } {
    return this.#threads.get(thread) ?? {};
  }
}

function sayHost(tick: Tick, say: Say): void {
  if (Object.keys(tick.ksm).length > 0) say("ksm", { ...tick.ksm, ksmd_run_ns: tick.ksmd_run_ns });
  if (tick.ksmd_run_ns !== undefined) say("cpu", { task: "ksmd", run_ns: tick.ksmd_run_ns });
  say("memory", { scope: "host", ...kib(tick.meminfo_kib) });
  say("vm_events", tick.vmstat);
}

function sayGuests({ vms }: Tick, guests: Guests, say: Say): void {
  const pageKib = 4;
  for (const { pid, stats, run_ns, memory_kib, merging } of vms) {
    const guest = guests.numberOf(pid);
    if (Object.keys(stats).length > 0) say("kvm_stats", { guest, ...stats });
    if (run_ns !== undefined) say("cpu", { task: "vmm", guest, run_ns });
    const merged = merging.ksm_merging_pages;
    const memory = {
      ...memory_kib,
      ...(merged === undefined ? {} : { KsmMerging: merged * pageKib }),
    };
    if (Object.keys(memory).length > 0) {
      say("memory", { scope: "guest", guest, ...kib(memory) });
    }
  }
}

function kib(lines: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(lines).map(([name, value]) => [`${name}_kib`, value]));
}

/** Counts of threads of machines, and of others (a machine that came and went) without a guest. */
function sayCounts(tick: Tick, guests: Guests, say: Say): void {
  for (
    const [kind, code, counts] of [
      ["exits", "reason_code", tick.exits],
      ["faults", "error_code", tick.faults],
    ] as const
  ) {
    const sums = new Map<string, { fields: Record<string, unknown>; count: number }>();
    for (const one of counts ?? []) {
      const fields = { ...guests.whose(one.thread), [code]: one.code };
      const key = JSON.stringify(fields);
      sums.set(key, { fields, count: (sums.get(key)?.count ?? 0) + one.count });
    }
    for (const { fields, count } of sums.values()) say(kind, { ...fields, count });
  }
}

function remarksOf(seen: Seen, seconds: number): string[] {
  const [first, last] = [seen.ticks[0]!, seen.ticks.at(-1)!];
  const own_s = last.own_s - first.own_s;
  const unmaps = seen.ticks.map((tick) => tick.unmaps).findLast((one) => one !== undefined);
  const share = (100 * own_s / Math.max(seconds, 1)).toFixed(1);
  return [
    `Looking took ${
      own_s.toFixed(1)
    } s of CPU time on the host, ${share} % of one CPU, beside what counting costs each exit.`,
    ...(seen.limitedAfter_s === undefined ? [] : [
      `Exits were told apart by reason for ${seen.limitedAfter_s} s only: there were so many that counting would have cost too much.`,
    ]),
    ...(unmaps === undefined ? [] : [
      `KSM told KVM ${
        unmaps - (first.unmaps ?? 0)
      } times that a page is taken away (two for a merge).`,
    ]),
    ...seen.notes,
    ...(seen.ended === undefined
      ? [
        "The host was lost before the end; what it had said by then is here. It puts everything back by itself.",
      ]
      : seen.ended.left === ""
      ? ["Everything was put back: the tracing instance is gone."]
      : [`Not put back: ${seen.ended.left} is still there; rmdir it.`]),
  ];
}

function settingsOf(host: Seen["host"], { ksm }: Tick): ObservedTrial["settings"] {
  const word = (value: string | undefined) => /^[A-Za-z0-9][\w.+-]*$/.test(value ?? "");
  const change = host.change_pte ?? "";
  return Object.fromEntries([
    ["arm", change === "" ? "stock" : /^[Y1]/.test(change) ? "on" : "off"],
    ...(word(host.thp) ? [["thp", host.thp!]] : []),
    ["mmu", /^[N0]/.test(host.npt || host.ept || "Y") ? "shadow" : "npt"],
    ...(ksm.run === undefined ? [] : [["ksm", ksm.run === 1 ? "on" : "off"]]),
    ...numbers.filter((name) => ksm[name] !== undefined).map((name) => [name, ksm[name]!]),
    ...(ksm.use_zero_pages === undefined
      ? []
      : [["use_zero_pages", ksm.use_zero_pages === 1 ? "on" : "off"]]),
  ]);
}
