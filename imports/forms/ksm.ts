// SPDX-License-Identifier: Apache-2.0
/** A dump of /sys/kernel/mm/ksm, or several in a row, however it was printed. */
import { type Form, type KsmReading, Unreadable, wholeIn } from "../piece.ts";
import { momentIn } from "../times.ts";

/** What lies there, from 2.6.32 to 6.12; a newer kernel may have more. */
const known = new Set([
  ...["run", "full_scans", "pages_shared", "pages_sharing", "pages_unshared", "pages_volatile"],
  ...["pages_to_scan", "sleep_millisecs", "merge_across_nodes", "max_page_sharing"],
  ...["stable_node_chains", "stable_node_chains_prune_millisecs", "stable_node_dups"],
  ...["use_zero_pages", "ksm_zero_pages", "general_profit", "pages_scanned", "pages_skipped"],
  ...["smart_scan", "advisor_mode", "advisor_max_cpu", "advisor_min_pages_to_scan"],
  ...["advisor_max_pages_to_scan", "advisor_target_scan_time", "max_kernel_pages"],
]);

/** Only these may be less than nothing. */
const signed = new Set(["general_profit"]);

/** A name there, with a path before it or none. */
const place = String.raw`(?:(?:[^\s:]*\/)?mm\/ksm\/|\.\/|ksm\/)?`;
/** "==> /sys/kernel/mm/ksm/run <==" */
const heading = new RegExp(String.raw`^==> *${place}([a-z][a-z0-9_]*) *<==$`);
/** "/sys/kernel/mm/ksm/run:1", "run = 1", "run 1" */
const pair = new RegExp(String.raw`^(${place})([a-z][a-z0-9_]*)(?:\s*[:=]\s*|\s+)(\S.*)$`);
/** The same behind something else: "2026-11-27T10:00:00Z run:1", "node7: run:1" */
const behind = new RegExp(
  String.raw`^(.*?)[\s:]+(${place})([a-z][a-z0-9_]*)(?:\s*[:=]\s*|\s+)(\S.*)$`,
);
/** The name alone, perhaps behind a prompt and cat(1). */
const alone = new RegExp(String.raw`^(?:.*[\s"'])?(${place})([a-z][a-z0-9_]*)["']?:?$`);

/** What a line gives; nothing where it is no line of such a dump. */
type Found =
  | { name: string; value: string; at_s?: number | undefined }
  | { name: string; value?: never; at_s?: never };

function foundIn(line: string): Found | undefined {
  const [, headed] = heading.exec(line) ?? [];
  if (headed !== undefined) return { name: headed };
  const plain = pair.exec(line);
  if (plain !== null && isName(plain[1]!, plain[2]!) && isValue(plain[2]!, plain[3]!)) {
    return { name: plain[2]!, value: plain[3]!.trim() };
  }
  const later = behind.exec(line);
  if (later !== null && isName(later[2]!, later[3]!) && isValue(later[3]!, later[4]!)) {
    return { name: later[3]!, value: later[4]!.trim(), at_s: momentIn(later[1]!) };
  }
  const [, itsPath, only] = alone.exec(line) ?? [];
  return only !== undefined && isName(itsPath!, only) ? { name: only } : undefined;
}

function isName(path: string, name: string): boolean {
  return known.has(name) || path.endsWith("ksm/") || /^(pages|ksm|advisor|stable_node)_/.test(name);
}

/** Prose may begin like a dump: "run: Permission denied" and "run the test" are no values. */
function isValue(name: string, value: string): boolean {
  return isNumber(value) || name === "advisor_mode" && /^[\w[\] -]+$/.test(value) ||
    known.has(name) && /^[\w.+-]+$/.test(value) && /\d/.test(value);
}

function isNumber(text: string): boolean {
  return /^-?\d+$/.test(text.trim());
}

/** Reads line by line; a name that comes again, or a moment, begins another reading. */
class Dump {
  readonly readings: KsmReading[] = [];
  ignored = 0;
  #numbers: Record<string, number> = {};
  #words: Record<string, string> = {};
  #at_s: number | undefined;
  /** A name whose value is to stand on the next line. */
  #waiting: string | undefined;
  /** The names of a table's columns. */
  #columns: (string | undefined)[] | undefined;

  line(text: string, number: number): void {
    const line = text.trim();
    if (line === "") return;
    if (this.#waiting !== undefined && this.#valueOfWaiting(line, number)) return;
    const moment = momentIn(line);
    if (moment !== undefined) {
      this.#end();
      this.#at_s = moment;
      return;
    }
    if (this.#isTable(line, number)) return;
    const found = foundIn(line);
    if (found === undefined) {
      if (!/^[-=#*$>+\s]*$/.test(line)) this.ignored++;
      return;
    }
    if (found.value === undefined) {
      this.#waiting = found.name;
      return;
    }
    if (found.at_s !== undefined && found.at_s !== this.#at_s) {
      this.#end();
      this.#at_s = found.at_s;
    }
    this.#take(found.name, found.value, number);
  }

  /** All that was read. */
  end(): KsmReading[] {
    this.#end();
    return this.readings;
  }

  #valueOfWaiting(line: string, number: number): boolean {
    const name = this.#waiting!;
    this.#waiting = undefined;
    if (!isNumber(line) && !(name === "advisor_mode" && isValue(name, line))) return false;
    this.#take(name, line, number);
    return true;
  }

  /** "time pages_shared pages_sharing", and rows of as many numbers. */
  #isTable(line: string, number: number): boolean {
    const cells = line.split(
      line.includes(",") ? /\s*,\s*/ : line.includes(";") ? /\s*;\s*/ : /\s+/,
    );
    const names = cells.map((cell) => /^[a-z][a-z0-9_]*$/.test(cell) ? cell : undefined);
    if (names.filter((name) => name !== undefined && known.has(name)).length >= 2) {
      this.#columns = names;
      return true;
    }
    if (this.#columns === undefined || cells.length !== this.#columns.length) return false;
    if (!cells.some(isNumber)) return false;
    this.#end();
    for (const [at, cell] of cells.entries()) {
      const name = this.#columns[at];
      if (name !== undefined && known.has(name)) this.#take(name, cell, number);
      else this.#at_s ??= momentIn(cell);
    }
    return true;
  }

  #take(name: string, value: string, line: number): void {
    if (Object.hasOwn(this.#numbers, name) || Object.hasOwn(this.#words, name)) this.#end();
    if (name === "advisor_mode") {
      this.#words[name] = /\[([\w-]+)\]/.exec(value)?.[1] ?? value.trim();
      return;
    }
    if (!isNumber(value)) {
      throw new Unreadable(
        `on line ${line} ${name} is "${value.slice(0, 40)}", not a whole number`,
        again,
      );
    }
    const number = wholeIn(value, `on line ${line} ${name}`);
    if (number < 0 && !signed.has(name)) {
      throw new Unreadable(`on line ${line} ${name} is ${number}, but it counts`, again);
    }
    this.#numbers[name] = number;
  }

  #end(): void {
    const empty = Object.keys(this.#numbers).length === 0 && Object.keys(this.#words).length === 0;
    if (!empty) {
      this.readings.push({ at_s: this.#at_s, numbers: this.#numbers, words: this.#words });
      this.#at_s = undefined;
    }
    this.#numbers = {};
    this.#words = {};
  }
}

const again = "Take the dump anew: grep . /sys/kernel/mm/ksm/* > FILE";

/** What makes a dump one: without any of these it says nothing about merging. */
const telling = ["pages_shared", "pages_sharing", "full_scans", "pages_to_scan", "run"];

/** A dump of /sys/kernel/mm/ksm. */
export const ksm: Form = {
  name: "ksm",
  title: "a dump of /sys/kernel/mm/ksm",
  cannotKnow:
    "Whose pages they are, what merging costs the guests (vmexits, faults), and what ksmd itself costs. " +
    "The kernel reads its counters one after another, while KSM may go on.",
  recognizes(lines) {
    const names = new Set(lines.flatMap((line) => foundIn(line.trim())?.name ?? []));
    const header = lines.some((line) =>
      line.split(/[\s,;]+/).filter((word) => known.has(word) && word.includes("_")).length >= 2
    );
    return header || telling.some((name) => names.has(name)) &&
        [...names].some((name) =>
          name.includes("_") || lines.some((line) => line.includes("mm/ksm/"))
        );
  },
  read(lines) {
    const dump = new Dump();
    for (const [at, line] of lines.entries()) dump.line(line, at + 1);
    const readings = dump.end();
    if (!readings.some(({ numbers }) => telling.some((name) => Object.hasOwn(numbers, name)))) {
      throw new Unreadable(
        `it names files of /sys/kernel/mm/ksm, but has no value of ${telling.join(", ")}`,
        again,
      );
    }
    return { form: "ksm", ksm: readings, ignored: dump.ignored, remarks: [] };
  },
};
