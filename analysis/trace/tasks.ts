// SPDX-License-Identifier: Apache-2.0
import type { LineOf } from "../../contract/records.ts";
import { CHANGE, type Events, INVALIDATE, valueOf } from "./decode.ts";

/** What a thread is to the trial. */
export const ROLES = ["vcpu", "vmm", "ksmd", "khugepaged", "kswapd", "kcompactd", "other"] as const;
export type Role = (typeof ROLES)[number];

export interface Task {
  role: Role;
  /** The guest whose VMM it belongs to. */
  guest: number | undefined;
}

const OTHER: Task = { role: "other", guest: undefined };

/** The trial's threads by number. One that nobody introduced is `other`. */
export function tasksOf(records: readonly LineOf<"trace_tasks">[]): (task: number) => Task {
  const tasks = new Map(records.map(({ task, name: said, guest }) => {
    const name = said ?? "";
    const role = guest === undefined || guest === null
      ? ROLES.find((each) => name.startsWith(each)) ?? "other"
      : /^CPU \d+\/KVM/.test(name)
      ? "vcpu"
      : "vmm";
    return [task, { role, guest: guest ?? undefined } as Task];
  }));
  return (task) => tasks.get(task) ?? OTHER;
}

/**
 * Which guest's memory each address space is: the one whose own threads speak of it most. A thread
 * may also reclaim another's memory, but it first of all sets up its own.
 */
export function guestsOfSpaces(
  events: Events,
  taskOf: (task: number) => Task,
): Map<number, number> {
  const said = new Map<number, Map<number, number>>();
  for (let at = 0; at < events.count; at++) {
    if (events.kind[at] !== INVALIDATE && events.kind[at] !== CHANGE) continue;
    const { guest } = taskOf(events.task[at]!);
    if (guest === undefined) continue;
    const space = valueOf(events, at, 0);
    const counts = said.get(space) ?? new Map<number, number>();
    said.set(space, counts.set(guest, (counts.get(guest) ?? 0) + 1));
  }
  return new Map([...said].map(([space, counts]) => {
    const [most] = [...counts].sort((a, b) => b[1] - a[1]);
    return [space, most![0]];
  }));
}
