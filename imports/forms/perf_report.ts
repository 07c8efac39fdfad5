// SPDX-License-Identifier: Apache-2.0
/** What perf report --stdio says of events kvm_exit: shares, of which counts are worked out. */
import { type ExitCount, type Form, Unreadable, wholeIn } from "../piece.ts";

const ofEvent = /^# Samples: .* of event '([^']+)'/;
const total = /^# Event count \(approx\.\): (\d+)/;
const row = /^([\d.]+)%\s.*\breason:? +(\S+)/;

const next = "perf kvm stat report > FILE says counts and times";

/** Output of perf report of the tracepoint kvm:kvm_exit. */
export const perfReport: Form = {
  name: "perf-report",
  title: "output of perf report",
  cannotKnow:
    "How long the exits took, over how much time they were counted, and which guest they were of. Counts are shares of " +
    "a hundred with two decimals, times their sum.",
  recognizes: (lines) => lines.some((line) => ofEvent.test(line)),
  read(lines) {
    let [ours, events, ignored] = [false, 0, 0];
    const seen: string[] = [];
    const shares = new Map<string, number>();
    const counts = new Map<string, number>();
    for (const line of lines) {
      const [, name] = ofEvent.exec(line) ?? [];
      if (name !== undefined) {
        seen.push(name);
        ours = /^(kvm:)?kvm_exit$/.test(name.split(/[/:]u?$/)[0]!);
        continue;
      }
      const [, said] = total.exec(line) ?? [];
      if (said !== undefined && ours) events = wholeIn(said, "the count of events");
      const [, share, reason] = row.exec(line.trim()) ?? [];
      if (share === undefined || !ours) {
        if (line.trim() !== "" && !line.startsWith("#")) ignored++;
        continue;
      }
      shares.set(reason!, Number(share) + (shares.get(reason!) ?? 0));
      counts.set(reason!, Math.round(events * shares.get(reason!)! / 100));
    }
    if (shares.size === 0) {
      throw new Unreadable(
        `it is a report of perf about ${seen.join(", ")}, without reasons of kvm:kvm_exit`,
        next,
      );
    }
    if (events === 0) {
      throw new Unreadable('its line "Event count" is missing, so shares have no whole', next);
    }
    const exits = [...counts].map(([name, count]): ExitCount => ({ name, count }));
    return { form: "perf-report", exits, ignored, remarks: [] };
  },
};
