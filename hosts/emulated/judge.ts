// SPDX-License-Identifier: Apache-2.0
/** From what an emulated host left behind to how its trial ended: what died, why, and what to do next. */
import { consoleProblems, consoleTail } from "./console.ts";
import type { OutputState } from "./output.ts";

/** What there is when the emulator has ended by itself. */
export interface Remains {
  state: OutputState;
  /** What the agent gave as the reason, with the guest's console. */
  reason: string | undefined;
  /** All of the host's console. */
  said: string;
  /** Memory of the host, and room that it had for its records. */
  memory_mib: number;
  outputRoom_mib: number;
}

/** A cause that the host's console gives away, and what can be done about it. */
interface Cause {
  sign: RegExp;
  says: (found: RegExpExecArray, remains: Remains) => string;
}

/** The first that fits is the cause; what else the console has follows from it. */
const causes: readonly Cause[] = [
  {
    sign: /Initramfs unpacking failed|initrd\.image: incomplete write/,
    says: (_, { memory_mib }) =>
      `the host cannot unpack what it boots from: ${tooSmall(memory_mib)}. ${more}`,
  },
  {
    sign: /Out of memory: Killed process \d+ \(([^)]*)\)/,
    says: (found, { memory_mib }) =>
      `the host ran out of memory and killed "${found[1]}": ${tooSmall(memory_mib)} for its ` +
      `guests. ${more}`,
  },
  {
    sign: /System is deadlocked on memory|Out of memory and no killable processes/,
    says: (_, { memory_mib }) => `the host ran out of memory: ${tooSmall(memory_mib)}. ${more}`,
  },
  {
    sign: /Attempted to kill init! exitcode=0x([0-9a-f]+)/,
    says: (found) =>
      `the host's agent died: ${endOfInit(Number.parseInt(found[1]!, 16))}. It is the lab's own ` +
      "program: please report it with what stands here",
  },
];

const more = "Set host_memory_mib to more, or to 0 for as much as is needed";

function tooSmall(memory_mib: number): string {
  return `its ${memory_mib} MiB of memory are too few`;
}

/** As wait(2) has it: the signal that ended it, or its exit status above that. */
function endOfInit(code: number): string {
  const signal = code & 0x7f;
  return signal === 0 ? `it ended with status ${code >> 8}` : `it was ended by signal ${signal}`;
}

/** A host whose kernel did not come to its first word. */
function mute(memory_mib: number): string {
  return `the host ended before its kernel said a word. With little memory that is for want of it, and ` +
    `it has ${memory_mib} MiB: ${more[0]!.toLowerCase()}${more.slice(1)}`;
}

/**
 * @param log what the emulator said
 * @returns why it did not even begin, where the host's memory is the reason.
 */
export function refusedToStart(log: string, memory_mib: number): string | undefined {
  if (!log.includes("initrd is too large")) return undefined;
  return `the host cannot hold what it boots from: ${tooSmall(memory_mib)}. ${more}`;
}

/** What is wrong with an emulator, with what its host's kernel said of it; nothing if nothing is. */
export function withConsole(wrong: string | undefined, said: string): string | undefined {
  const shown = consoleProblems(said) ?? consoleTail(said);
  if (wrong === undefined || shown === "") return wrong;
  return `${wrong}. The host's console:\n${shown}`;
}

/** @returns why the trial is not to be trusted; nothing if it is done and nobody complained. */
export function judge(remains: Remains): string | undefined {
  const { state, reason, said, outputRoom_mib } = remains;
  const problems = consoleProblems(said);
  for (const { sign, says } of causes) {
    const found = sign.exec(said);
    if (found === null) continue;
    const excerpt = problems ?? consoleTail(said);
    return `${says(found, remains)}. The host's console:\n${excerpt}`;
  }
  if (problems !== undefined) {
    return "the host's kernel complained: what it counted is not to be trusted. debug_kernel=on has " +
      `it say more:\n${problems}`;
  }
  if (state === "done") return undefined;
  if (state === "full") {
    return `its records took more than the ${outputRoom_mib} MiB that there are for them. Leave ` +
      "--trace out, or have fewer guests, phases or rounds";
  }
  if (reason !== undefined) return withNextStep(reason);
  if (said.trim() === "") return mute(remains.memory_mib);
  return `the host ended without a word (output: ${state}). Its console's end:\n${
    consoleTail(said)
  }`;
}

/** What helps against what the agent and the guests' consoles say. */
const remedies: readonly (readonly [sign: RegExp, next: string])[] = [
  [
    /its kernel complained/,
    "What is counted of it is not to be trusted: its log stands here, from the first complaint on",
  ],
  [
    /Out of memory|deadlocked on memory/,
    "The guest ran out of memory: set guest_memory_mib to more, or have its workload use less",
  ],
  [
    /Kernel panic|\bOops\b|\bBUG: /,
    "The guest's kernel died: its console says where, and the trial replays to the instruction",
  ],
  [
    /did not answer in time/,
    "The guest slept or span: see what its workload waits for; --trace shows what it did",
  ],
  [
    /floods its console/,
    "What it said last stands here; guests boot with loglevel=1, so that only a kernel in trouble or " +
    "the workload itself says so much",
  ],
  [/did not converge/, "Set merge_limit_ms or converge_tolerance_permille to more"],
  [
    /did not come to rest/,
    "A guest goes on working after it has loaded: its workload must end what it begins",
  ],
  [
    /killed by signal|\bended \(exit status|closed its channel/,
    "The guest's VMM is gone: what it said last stands here, and the trial replays to the instruction",
  ],
];

/** The next step behind the first line, which says what happened. */
function withNextStep(reason: string): string {
  const next = remedies.find(([sign]) => sign.test(reason))?.[1];
  if (next === undefined) return reason;
  const [first, ...rest] = reason.split("\n");
  return [`${first}. ${next}`, ...rest].join("\n");
}
