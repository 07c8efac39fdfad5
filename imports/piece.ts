// SPDX-License-Identifier: Apache-2.0
/** What a file says that was imported, whatever its form. */
import type { Vendor } from "../machines/machine.ts";

/** /sys/kernel/mm/ksm at one moment. */
export interface KsmReading {
  /** When, in seconds since 1970; nothing where the file does not say. */
  at_s?: number | undefined;
  /** Numbers by name of their file there. */
  numbers: Readonly<Record<string, number>>;
  /** What is no number: advisor_mode. */
  words: Readonly<Record<string, string>>;
}

/** How often guests left for a reason. */
export interface ExitCount {
  /** The process of the guest's VMM, if it is told. */
  pid?: number | undefined;
  /** The thread of the virtual CPU, or its number: what tells it from others. */
  vcpu?: string | undefined;
  /** The processor's code; nothing where its name is not known to the lab. */
  code?: number | undefined;
  /** Its name there. */
  name: string;
  count: number;
  /** Time from the exits to the next entries, ns. */
  spent_ns?: number | undefined;
}

/** A rate of ksmtuned. */
export interface Step {
  at_s?: number | undefined;
  source: "log" | "conf";
  step: string;
  pages_to_scan?: number | undefined;
  sleep_millisecs?: number | undefined;
  committed_kib?: number | undefined;
  free_kib?: number | undefined;
}

/** All of one file. */
export interface Piece {
  /** Of the form that could read it. */
  form: string;
  ksm?: readonly KsmReading[];
  exits?: readonly ExitCount[];
  /** Time over which the exits were counted, s. */
  exits_s?: number | undefined;
  steps?: readonly Step[];
  /** Of the processor, where the names of its exits tell. */
  vendor?: Vendor | undefined;
  /** Lines that say nothing the lab knows. */
  ignored: number;
  /** What is to be said of this file. */
  remarks: readonly string[];
}

/** What a person has said about the files. */
export interface Given {
  /** Time between readings that do not say when, s. */
  every_s?: number | undefined;
  /** Memory of the host that a pass goes over, GiB. */
  over_gib: number;
}

/** A kind of file that can be imported. */
export interface Form {
  /** Short name. */
  name: string;
  /** "a dump of /sys/kernel/mm/ksm" */
  title: string;
  /** What numbers of this kind cannot tell, as a sentence. */
  cannotKnow: string;
  /** Whether the text looks like it: the first form that says so reads it. */
  recognizes(lines: readonly string[]): boolean;
  /** @throws {Unreadable} If it is not what it seems. */
  read(lines: readonly string[], given: Given): Piece;
}

/** Looks like a form, but cannot be read: why, and what to do. Whoever knows the file's name adds that. */
export class Unreadable extends Error {
  readonly next: string;

  constructor(reason: string, next: string) {
    super(reason);
    this.next = next;
  }
}

/** Larger numbers would not be whole any more. */
const largest = Number.MAX_SAFE_INTEGER;

/** A whole number as the kernel prints it. @throws {Unreadable} If it is too large to be one. */
export function wholeIn(text: string, what: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new Unreadable(
    `${what} is ${text}, which is more than any counter of that kind can be (${largest} at most)`,
    "Take the numbers anew, or correct that line",
  );
}
