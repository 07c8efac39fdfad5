// SPDX-License-Identifier: Apache-2.0
/** Verbs about what others run or have measured. */
import { LabError } from "../../base/errors.ts";
import { DEFAULT_OVER_GIB } from "../../contract/outside.ts";
import { duration, json, wholeNumber } from "../flags.ts";
import type { ImportRequest } from "../import.ts";
import type { ObserveRequest } from "../observe.ts";
import { verb } from "../verb.ts";

/** Sizes of small pages that Linux has. */
const pageSizes = [4096, 8192, 16384, 65536];

function pageSize(text: string): number {
  const size = Number(text);
  if (pageSizes.includes(size)) return size;
  throw new LabError(
    `Cannot take ${text} for the size of a page: it is not one of ${pageSizes.join(", ")} bytes`,
    "getconf PAGE_SIZE says it on the host",
  );
}

/** The beginning of a run's name. */
export function runName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new LabError(
    `Cannot name a run "${text}": letters, digits, dots, hyphens and underscores may stand in it, 64 at most`,
  );
}

/** More memory than any host has, GiB. */
const mostMemory_gib = 1_000_000;

interface ImportFlags {
  name: string;
  pageSize: number;
  every?: number;
  over: number;
  json: boolean;
}

export const importFiles = verb({
  summary: "make a run of what somebody else has measured, and say what it means",
  more:
    "Make a run of what somebody else has measured, and say what it means. Known are dumps of " +
    "/sys/kernel/mm/ksm (one or a series), output of perf kvm stat, perf script and perf report of kvm_exit, of " +
    "bcc's kvmexit, ksmtuned's log and its configuration. Files of one call are of one host and one time. See docs/IMPORT.md.",
  parameters: {
    flags: {
      name: {
        kind: "parsed",
        parse: runName,
        placeholder: "NAME",
        brief: "what the run's name begins with",
        default: "imported",
      },
      pageSize: {
        kind: "parsed",
        parse: pageSize,
        placeholder: "BYTES",
        brief: "size of the host's small pages",
        default: "4096",
      },
      every: {
        kind: "parsed",
        parse: duration("--every"),
        placeholder: "TIME",
        brief: "time between readings that do not say when, such as 10s",
        optional: true,
      },
      over: {
        kind: "parsed",
        parse: wholeNumber("--over", 1, mostMemory_gib),
        placeholder: "GIB",
        brief: "memory of the host, which a pass of KSM goes over, for ksmtuned",
        default: String(DEFAULT_OVER_GIB),
      },
      json,
    },
    positional: {
      kind: "array",
      parameter: { parse: String, placeholder: "FILE", brief: "a file with what was printed" },
      minimum: 1,
    },
  },
  examples: [
    ["import ksm.txt", "of grep . /sys/kernel/mm/ksm/* > ksm.txt"],
    ["import ksm-1.txt ksm-2.txt --every 60s", "two dumps, a minute apart"],
    ["import exits.txt ksm.txt --name node7", "exits and KSM of one host"],
    ["import ksmtuned.conf --over 256", "the rates of the controller on a host of 256 GiB"],
  ],
  request: (
    { name, pageSize, every, over, json }: ImportFlags,
    files: string[],
  ): ImportRequest => ({
    ...{ files, name, page_bytes: pageSize, every_s: every, over_gib: over, json },
  }),
  needs: () => ({
    write: ["reports"],
    run: true,
    system: ["cpus"],
    variables: ["programs", "terminal"],
  }),
  load: async () => (await import("../import.ts")).importFiles,
});

interface ObserveFlags {
  for: number;
  every: number;
  trace: boolean;
  name: string;
  json: boolean;
}

export const observe = verb({
  summary: "look at a hypervisor whose guests others run, and say what merging costs there",
  more:
    "Look at a hypervisor whose guests others run, and say what merging costs there and what change_pte would spare. " +
    "Nothing is installed and nothing changed but tracing, in an instance of its own that is removed at the end, also " +
    "after SIGKILL. Any kernel, AMD and Intel. It needs root there, as hosts of `lab run` do. See docs/IMPORT.md.",
  parameters: {
    flags: {
      for: {
        kind: "parsed",
        parse: duration("--for"),
        placeholder: "TIME",
        brief: "for how long, such as 10m",
        default: "10m",
      },
      every: {
        kind: "parsed",
        parse: duration("--every"),
        placeholder: "TIME",
        brief: "between two looks; more where that would be more than 120 looks",
        default: "10s",
      },
      trace: {
        kind: "boolean",
        brief: "count exits and faults by tracing; without it only what the kernel counts anyway",
        default: true,
        withNegated: true,
      },
      name: {
        kind: "parsed",
        parse: runName,
        placeholder: "NAME",
        brief: "what the run's name begins with",
        default: "observed",
      },
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "HOST", brief: "local, or ssh://user@host:port" }],
    },
  },
  examples: [
    ["observe ssh://root@node7 --for 10m", "a run of what was seen, and its report"],
    ["observe local --for 1m --no-trace", "this machine, and only what its kernel counts anyway"],
  ],
  works: true,
  request: (flags: ObserveFlags, [host]: [string], words: readonly string[]): ObserveRequest => ({
    ...{ host, for_s: flags.for, every_s: flags.every, trace: flags.trace },
    ...{ name: flags.name, json: flags.json, command: words },
  }),
  needs: () => ({
    write: ["cache", "reports"],
    run: true,
    system: ["cpus"],
    variables: ["programs", "terminal", "cache"],
  }),
  load: async () => (await import("../observe.ts")).observe,
});
