// SPDX-License-Identifier: Apache-2.0
/** What kvmexit of bcc or libbpf-tools prints. */
import { type ExitCount, type Form, Unreadable, wholeIn } from "../piece.ts";
import { momentIn } from "../times.ts";

/** "PID TID KVM_EXIT_REASON COUNT", or fewer of these columns. */
const header = /^(?:(PID)\s+)?(?:(TIDS?)\s+)?KVM_EXIT_REASON\s+COUNT$/;
const said =
  /^Display kvm exit reasons and statistics for (.*?)(?: after sleeping (\d+) secs?\.|\.\.\..*)?$/;
/** Ctrl-C is printed where it was typed: "^C1273551 ...". */
const interrupted = /^(\^C)+/;

const next = "kvmexit 10 > FILE, and let it end";

/** Output of kvmexit. */
export const kvmexit: Form = {
  name: "kvmexit",
  title: "output of bcc's kvmexit",
  cannotKnow:
    "How long the exits took, whether a fault came after a merge of its page, and exits whose codes the tool has no " +
    "name for: it leaves them out.",
  recognizes: (lines) => lines.some((line) => header.test(line.trim())),
  read(lines) {
    const exits = new Map<string, ExitCount>();
    let [ignored, seconds, columns] = [0, 0, undefined as string[] | undefined];
    let pid: number | undefined;
    for (const text of lines) {
      const line = text.trim().replace(interrupted, "").trim();
      if (line === "") continue;
      const [, whom, slept] = said.exec(line) ?? [];
      if (whom !== undefined) {
        seconds += Number(slept ?? 0);
        const only = /^PID (\d+)/.exec(whom)?.[1];
        pid = only === undefined ? undefined : Number(only);
        continue;
      }
      const found = header.exec(line);
      if (found !== null) {
        columns = [found[1], found[2], "REASON", "COUNT"].filter((name) => name !== undefined);
        continue;
      }
      const cells = line.split(/\s+/);
      if (
        columns === undefined || cells.length !== columns.length || !/^\d+$/.test(cells.at(-1)!)
      ) {
        if (momentIn(line) === undefined && !/^[#$]/.test(line)) ignored++;
        continue;
      }
      const cell = (name: string) => cells[columns!.findIndex((column) => column.startsWith(name))];
      const [process, thread, name] = [cell("PID"), cell("TID"), cell("REASON")!];
      const count = wholeIn(cells.at(-1)!, `the count of ${name}`);
      const key = `${process ?? pid} ${thread} ${name}`;
      exits.set(key, {
        ...{ pid: process === undefined ? pid : Number(process), vcpu: thread, name },
        count: count + (exits.get(key)?.count ?? 0),
      });
    }
    if (exits.size === 0) {
      throw new Unreadable(
        "it is a table of kvmexit without a row: no guest left while it looked",
        next,
      );
    }
    return {
      ...{ form: "kvmexit", exits: [...exits.values()], ignored, remarks: [], vendor: "vmx" },
      exits_s: seconds > 0 ? seconds : undefined,
    };
  },
};
