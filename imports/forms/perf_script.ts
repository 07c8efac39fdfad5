// SPDX-License-Identifier: Apache-2.0
/** Events kvm_exit one by one: as perf script, trace-cmd report or tracefs print them. */
import { type ExitCount, type Form, Unreadable } from "../piece.ts";

/** Command, thread, CPU, seconds, event. perf script has "1234/1235" where asked for; tracefs "name-1234". */
const event =
  /^(.*?)[\s-]+(?:(\d+)\/)?(\d+)\s+(?:\(\s*[\d-]+\)\s+)?\[\d+\]\s+(?:\S+\s+)?(\d+)\.(\d+):\s+(?:\d+\s+)?(?:kvm:)?(kvm_exit|kvm_entry):\s*(.*)$/;
const reasonIn = /\breason:? +(\S+)/;
const vcpuIn = /\bvcpu[: ]+(\d+)/;

interface Counted extends ExitCount {
  spent_ns: number;
}

/** Thread, and when it left its guest for what. */
interface Left {
  counted: Counted;
  at_us: bigint;
}

const next = "perf record -e kvm:kvm_exit,kvm:kvm_entry -a sleep 10; perf script > FILE";

/** Output of perf script. */
export const perfScript: Form = {
  name: "perf-script",
  title: "events kvm_exit of perf script",
  cannotKnow:
    "Whether a fault came after a merge of its page, and what was lost while it was recorded. Times are those from " +
    "an exit to the thread's next kvm_entry, where these were recorded too.",
  recognizes: (lines) => lines.some((line) => event.exec(line)?.[6] === "kvm_exit"),
  read(lines) {
    const exits = new Map<string, Counted>();
    const left = new Map<string, Left>();
    let [ignored, entries] = [0, 0];
    let [first_us, last_us]: [bigint | undefined, bigint] = [undefined, 0n];
    for (const line of lines) {
      const [all, , process, thread, seconds, fraction, name, said] = event.exec(line) ?? [];
      if (all === undefined) {
        if (line.trim() !== "" && !line.startsWith("#")) ignored++;
        continue;
      }
      const at_us = BigInt(seconds!) * 1_000_000n + BigInt(fraction!.padEnd(6, "0").slice(0, 6));
      first_us ??= at_us;
      if (at_us > last_us) last_us = at_us;
      const before = left.get(thread!);
      if (name === "kvm_entry") {
        entries++;
        left.delete(thread!);
        if (before !== undefined && at_us >= before.at_us) {
          before.counted.spent_ns += Number(at_us - before.at_us) * 1000;
        }
        continue;
      }
      const reason = reasonIn.exec(said!)?.[1];
      if (reason === undefined) {
        ignored++;
        continue;
      }
      const vcpu = vcpuIn.exec(said!)?.[1] ?? thread!;
      const key = `${process ?? ""} ${vcpu} ${thread} ${reason}`;
      const counted = exits.get(key) ?? {
        ...{ pid: process === undefined ? undefined : Number(process), vcpu: `${vcpu}/${thread}` },
        ...{ name: reason, count: 0, spent_ns: 0 },
      };
      counted.count++;
      exits.set(key, counted);
      left.set(thread!, { counted, at_us });
    }
    if (exits.size === 0) throw new Unreadable("no event kvm_exit in it says its reason", next);
    const all = [...exits.values()].map(({ spent_ns, ...one }): ExitCount =>
      entries === 0 ? one : { ...one, spent_ns }
    );
    const span_s = first_us === undefined ? 0 : Number(last_us - first_us) / 1e6;
    return {
      ...{ form: "perf-script", exits: all, ignored, remarks: [] },
      exits_s: span_s > 0 ? span_s : undefined,
    };
  },
};
