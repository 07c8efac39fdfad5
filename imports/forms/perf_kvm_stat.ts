// SPDX-License-Identifier: Apache-2.0
/** The table that perf kvm stat prints: report or live, of any version of perf. */
import { type ExitCount, type Form, Unreadable, wholeIn } from "../piece.ts";

/** "Analyze events for all VMs, all VCPUs:" */
const about = /^Analyze events for (.*)$/;
/** To 6.2 "VM-EXIT Samples Samples% Time% Min Time ...", from 6.3 "Event name Samples Sample% Time (ns) ..." */
const header =
  /^(VM-EXIT|VM-EXIT REASON|Event name|MMIO Access|IO Port Access|HCALL-EVENT|ISA)\s+Samples\b/;
/** To 6.2: name, samples, both shares, least, most and mean time. */
const older =
  /^(\S.*?)\s+(\d+)\s+([\d.]+)%\s+(-?[\d.]+|-?nan)%\s+([\d.]+)(us|ns|ms)\s+([\d.]+)(us|ns|ms)\s+([\d.]+)(us|ns|ms)\b/;
/** From 6.3: name, samples, share, time, share, most, least and mean time, in ns. */
const newer =
  /^(\S.*?)\s+(\d+)\s+([\d.]+)%\s+(\d+)\s+(-?[\d.]+|-?nan)%\s+(\d+)\s+(\d+)\s+([\d.]+)\b/;

const unit_ns = { ns: 1, us: 1e3, ms: 1e6 } as const;

/** Names of what perf kvm stat can count instead of exits, by how their table begins. */
const notExits: Readonly<Record<string, string>> = {
  "MMIO Access": "accesses to devices' memory (--event=mmio)",
  "IO Port Access": "accesses to ports (--event=ioport)",
};

function rowIn(line: string): { name: string; count: number; spent_ns: number } | undefined {
  const old = older.exec(line);
  if (old !== null) {
    const count = wholeIn(old[2]!, `the count of ${old[1]}`);
    const mean_ns = Number(old[9]) * unit_ns[old[10] as keyof typeof unit_ns];
    return { name: old[1]!, count, spent_ns: Math.round(count * mean_ns) };
  }
  const now = newer.exec(line);
  if (now === null) return undefined;
  const count = wholeIn(now[2]!, `the count of ${now[1]}`);
  return { name: now[1]!, count, spent_ns: wholeIn(now[4]!, `the time of ${now[1]}`) };
}

const next = "perf kvm stat record -a sleep 10; perf kvm stat report > FILE";

/** Output of perf kvm stat report or live. */
export const perfKvmStat: Form = {
  name: "perf-kvm-stat",
  title: "output of perf kvm stat",
  cannotKnow:
    "Which guest or page an exit was for, whether a fault came after a merge of its page, and for how long it was " +
    "counted. Times are those from an exit to the next entry, halts and other threads' turns included.",
  recognizes: (lines) => lines.some((line) => about.test(line.trim()) || header.test(line.trim())),
  read(lines) {
    const exits = new Map<string, ExitCount>();
    const remarks: string[] = [];
    let [ignored, vcpu, inTable] = [0, undefined as string | undefined, false];
    for (const text of lines) {
      const line = text.trim();
      const [, whom] = about.exec(line) ?? [];
      if (whom !== undefined) {
        vcpu = /\bVCPU (\d+)\b/i.exec(whom)?.[1];
        continue;
      }
      const [, kind] = header.exec(line) ?? [];
      if (kind !== undefined) {
        const what = notExits[kind];
        if (what !== undefined) throw new Unreadable(`it counts ${what}, not vmexits`, next);
        inTable = true;
        continue;
      }
      const lost = /^Lost events: *(\d+)/i.exec(line)?.[1];
      if (lost !== undefined) remarks.push(`perf lost ${lost} events: the counts are too small.`);
      const row = inTable ? rowIn(line) : undefined;
      if (row === undefined) {
        if (line !== "" && !/^(Total Samples|Lost events|[\d:.]+$|#)/.test(line)) ignored++;
        continue;
      }
      const key = `${vcpu ?? ""} ${row.name}`;
      const before = exits.get(key);
      exits.set(key, {
        ...{ name: row.name, vcpu, count: row.count + (before?.count ?? 0) },
        spent_ns: row.spent_ns + (before?.spent_ns ?? 0),
      });
    }
    if (exits.size === 0) {
      throw new Unreadable(
        "it is a table of perf kvm stat without a row: nothing was counted",
        next,
      );
    }
    return { form: "perf-kvm-stat", exits: [...exits.values()], ignored, remarks };
  },
};
