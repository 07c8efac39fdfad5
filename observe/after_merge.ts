// SPDX-License-Identifier: Apache-2.0
/** Which second-level faults come after KSM has dropped that page's mapping, from events one by one. */
import { decodeFault, PAGE_BYTES, TABLE_ENTRIES } from "../machines/x86_64/pages.ts";
import type { SeenVm, Tick } from "./report_text.ts";

/** What was seen of one machine. */
export interface AfterMerge {
  dropped: number;
  /** Reads and fetches of pages that were not mapped. */
  faults: number;
  /** Those whose page KSM had dropped last. */
  after_drop: number;
  /** Writes to pages that KSM had dropped last. */
  writes: number;
}

/** The same by process; undefined for drops whose machine is not known. */
export interface Followed {
  of: Map<number | undefined, AfterMerge>;
  /** Time in which events found no room, ns. */
  unseen_ns: number;
}

const event = /-(\d+)\s+\[\d+\]\s+\S+\s+(\d+\.\d+): (\w+): (.*)$/;
const range = /range: 0x([0-9a-f]+) -- 0x([0-9a-f]+)/;
const change = /gfn ([0-9a-f]+) level (\d) old_spte ([0-9a-f]+) new_spte ([0-9a-f]+)/;
const fault = /address (?:0x)?([0-9a-f]+) error_code (?:0x)?([0-9a-f]+)/;

/** Second-level entries that map nothing: empty, and KVM's mark of one that is being taken out. */
const empty = new Set([0, 0x5a0]);

/** Follows the events of all ticks. */
export class Follower {
  readonly followed: Followed = { of: new Map(), unseen_ns: 0 };
  /** Pages that KSM has dropped and nobody has touched since, by process. */
  readonly #dropped = new Map<number, Set<number>>();
  /** The machine whose memory ksmd has just taken a page of; ksmd is one thread. */
  #current: number | undefined;
  #maps: [from: number, to: number, pid: number][] = [];
  readonly #processes = new Map<number, number>();

  /** Threads and memory of the machines that there are. */
  learn(vms: readonly SeenVm[]): void {
    for (const { pid, threads, maps } of vms) {
      for (const thread of threads.keys()) this.#processes.set(thread, pid);
      if (maps.length === 0) continue;
      this.#maps = this.#maps.filter((one) => one[2] !== pid)
        .concat(maps.map(([from, to]) => [from, to, pid]));
    }
    this.#maps.sort((a, b) => a[0] - b[0]);
  }

  /** @param before the tick before, where tracing began or went on */
  tick({ trace = [], lost, at_s }: Tick, before_s: number): void {
    let last_s = before_s;
    for (const line of trace) {
      const [, thread, at, name, said] = event.exec(line) ?? [];
      if (name === undefined) continue;
      last_s = Math.max(last_s, Number(at));
      if (name === "kvm_unmap_hva_range") this.#unmap(said!);
      else if (name === "kvm_tdp_mmu_spte_changed") this.#drop(said!);
      else if (name === "kvm_page_fault") this.#fault(Number(thread), said!);
    }
    if (lost > 0) this.followed.unseen_ns += Math.max(0, Math.round((at_s - last_s) * 1e9));
  }

  #unmap(said: string): void {
    const [, from] = range.exec(said) ?? [];
    if (from === undefined) return;
    const address = Number.parseInt(from, 16);
    const owners = this.#maps.filter(([low, high]) => low <= address && address < high);
    /* Two processes may have memory at one address: then nobody knows whose it was. */
    this.#current = owners.length === 1 ? owners[0]![2] : undefined;
  }

  #drop(said: string): void {
    const [, gfn, level, old, now] = change.exec(said) ?? [];
    if (gfn === undefined) return;
    const [before, after] = [Number.parseInt(old!, 16), Number.parseInt(now!, 16)];
    if (empty.has(before) || !empty.has(after)) return;
    const counts = this.#of(this.#current);
    const pages = TABLE_ENTRIES ** (Number(level) - 1);
    counts.dropped++;
    if (this.#current === undefined || pages > TABLE_ENTRIES) return;
    const dropped = this.#dropped.get(this.#current) ?? new Set();
    this.#dropped.set(this.#current, dropped);
    for (let page = 0; page < pages; page++) dropped.add(Number.parseInt(gfn, 16) + page);
  }

  #fault(thread: number, said: string): void {
    const [, address, code] = fault.exec(said) ?? [];
    const pid = this.#processes.get(thread);
    if (address === undefined || pid === undefined) return;
    const { access, present, mmio } = decodeFault(Number.parseInt(code!, 16));
    if (present || mmio) return;
    const counts = this.#of(pid);
    const page = Math.floor(Number.parseInt(address, 16) / PAGE_BYTES);
    const wasDropped = this.#dropped.get(pid)?.delete(page) ?? false;
    if (access === "write") {
      if (wasDropped) counts.writes++;
      return;
    }
    counts.faults++;
    if (wasDropped) counts.after_drop++;
  }

  #of(pid: number | undefined): AfterMerge {
    const counts = this.followed.of.get(pid) ?? { dropped: 0, faults: 0, after_drop: 0, writes: 0 };
    this.followed.of.set(pid, counts);
    return counts;
  }
}
