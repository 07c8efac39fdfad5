// SPDX-License-Identifier: Apache-2.0
/** The log of ksmtuned, written with DEBUG=1: what it saw and what it set. */
import { type Form, type Step, Unreadable, wholeIn } from "../piece.ts";
import { momentIn } from "../times.ts";

/** "Fri Nov 27 10:00:00 UTC 2026: committed 1048576 free 4194304"; without a date where nothing but echo wrote it. */
const stamped =
  /^(?:(.*?):\s+)?(committed .*|KSMCTL .*|\S*ksmctl .*|\d+ [<>] .*|(?:total|sleep|thres) \d+.*)$/;
const seen = /^committed (\d+)? ?free (\d+)$/;
const started = /^(?:KSMCTL|\S*ksmctl) start (\d+) (\d+)$/;
const why = /^\d+ [<>] \d+(?: and free > \d+)?, (stop ksm|start ksm|boost|decay)$/;

const next = "Set DEBUG=1 and LOGFILE in /etc/ksmtuned.conf, and take the log after some minutes";

/** ksmtuned's log. */
export const ksmtunedLog: Form = {
  name: "ksmtuned-log",
  title: "a log of ksmtuned",
  cannotKnow:
    "What KSM has merged at these rates: a series of /sys/kernel/mm/ksm says that. Its times have the precision of a " +
    "second, and what somebody else has set is not in it.",
  recognizes: (lines) =>
    lines.some((line) => {
      const [, , said = ""] = stamped.exec(line.trim()) ?? [];
      return seen.test(said) || started.test(said) || why.test(said);
    }),
  read(lines) {
    const steps: Step[] = [];
    let ignored = 0;
    let memory: Pick<Step, "committed_kib" | "free_kib"> = {};
    let step = "start";
    for (const text of lines) {
      const line = text.trim();
      const [, stamp = "", said = ""] = stamped.exec(line) ?? [];
      const at_s = momentIn(stamp);
      const [looked, committed, free] = seen.exec(said) ?? [];
      const [set, pages, sleep] = started.exec(said) ?? [];
      const [, decided] = why.exec(said) ?? [];
      if (looked !== undefined) {
        memory = {
          committed_kib: committed === undefined ? undefined : wholeIn(committed, "committed"),
          free_kib: wholeIn(free!, "free"),
        };
      } else if (decided === "stop ksm") {
        steps.push({ at_s, source: "log", step: "stop", ...memory });
      } else if (decided === "boost" || decided === "decay") step = decided;
      else if (set !== undefined) {
        const rate = {
          pages_to_scan: wholeIn(pages!, "the batch"),
          sleep_millisecs: wholeIn(sleep!, "the pause"),
        };
        steps.push({ at_s, source: "log", step, ...rate, ...memory });
        step = "start";
      } else if (line !== "" && decided === undefined && !/^(total|sleep|thres) \d+/.test(said)) {
        ignored++;
      }
    }
    if (steps.length === 0) {
      throw new Unreadable(
        'it is a log of ksmtuned in which nothing is set: no "start" and no "stop"',
        next,
      );
    }
    return { form: "ksmtuned-log", steps, ignored, remarks: [] };
  },
};
