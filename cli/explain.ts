// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";
import { reasonOf, vendors } from "../machines/machine.ts";
import { reasonClasses } from "../machines/reason.ts";
import { EXCEPTIONS } from "../machines/x86_64/exceptions.ts";
import { errorCodeOfQualification, QUALIFICATION_BITS } from "../machines/x86_64/ept.ts";
import { decodeFault, FAULT_BITS } from "../machines/x86_64/pages.ts";
import { inBoth, readTerms, type Term } from "./terms.ts";

export interface ExplainRequest {
  /** A number, or words. */
  term: string;
  json: boolean;
}

/** One meaning of what was asked. */
export interface Meaning {
  kind: string;
  name: string;
  meaning: string;
}

/** `lab explain CODE|TERM`: all that it can mean here. */
export async function explain({ term, json }: ExplainRequest): Promise<number> {
  const code = /^(0x[0-9a-f]+|\d+)$/i.test(term) ? Number(term) : undefined;
  const meanings = code === undefined
    ? meaningsOfWord(term, await readTerms())
    : meaningsOfCode(code);
  if (meanings.length === 0) {
    throw new LabError(
      `Cannot explain ${term}: it is no code of an exit, an exception or a fault`,
      "Codes are numbers such as 0x400, 48 or 0x100000004",
    );
  }
  if (json) console.log(JSON.stringify(meanings));
  else for (const { kind, name, meaning } of meanings) console.log(`${name} (${kind}): ${meaning}`);
  return 0;
}

/** All that a number can be: an exit reason of each vendor, an exception, an error code of a fault. */
export function meaningsOfCode(code: number): Meaning[] {
  const exits = vendors.flatMap((vendor) => {
    const reason = reasonOf(vendor, code);
    if (reason?.code !== code) return [];
    return [{
      kind: `exit reason ${inBoth(code)} of ${vendor}`,
      name: reason.name,
      meaning: `${reason.class}: ${reasonClasses[reason.class]}`,
    }];
  });
  const exception = EXCEPTIONS[code];
  return [
    ...exits,
    ...(exception === undefined ? [] : [{
      kind: `exception ${inBoth(code)} of x86`,
      name: `#${exception}`,
      meaning: "what a guest raises; as an exit only where the host asks to see it",
    }]),
    ...meaningOfFault(code),
    ...meaningOfQualification(code),
  ];
}

/** An exit qualification of EPT, if it says what the access was and has no bit that none has. */
function meaningOfQualification(code: number): Meaning[] {
  const bits = Object.entries(QUALIFICATION_BITS).filter(([, bit]) => code >>> bit & 1);
  const known = bits.reduce((sum, [, bit]) => sum + 2 ** bit, 0);
  const { read, write, fetch, linearAddress } = QUALIFICATION_BITS;
  const says = (...some: number[]) => some.some((bit) => code >>> bit & 1);
  if (known !== code || !says(linearAddress) || !says(read, write, fetch)) return [];
  return [{
    kind: `exit qualification ${inBoth(code)} of an EPT violation`,
    name: bits.map(([name]) => name).join(" | "),
    meaning: saidOfFault(errorCodeOfQualification(code)),
  }];
}

/** An error code, if it has no bit that none has. */
function meaningOfFault(code: number): Meaning[] {
  const bits = Object.entries(FAULT_BITS).filter(([, bit]) => BigInt(code) >> BigInt(bit) & 1n);
  const known = bits.reduce((sum, [, bit]) => sum + 2 ** bit, 0);
  if (code === 0 || known !== code) return [];
  return [{
    kind: `error code ${inBoth(code)} of a second-level fault`,
    name: bits.map(([name]) => name).join(" | "),
    meaning: saidOfFault(code),
  }];
}

/** What an error code says, in words. */
function saidOfFault(code: number): string {
  const { access, present, guest_walk, mmio } = decodeFault(code);
  const why = mmio
    ? "of a device's registers"
    : present
    ? "that its mapping does not allow"
    : "of a page that is not mapped";
  const who = guest_walk ? ", by the walk of the guest's own page table" : "";
  return `a ${access} ${why}${who}`;
}

/**
 * What a word means, in all places where it is declared; where it is not, words in which it stands.
 *
 * @throws {LabError} when no word is like it.
 */
export function meaningsOfWord(word: string, terms: readonly Term[]): Meaning[] {
  const wanted = word.toLowerCase();
  const among = (fits: (one: string) => boolean) =>
    terms.filter(({ words }) => words.some((one) => fits(one.toLowerCase())));
  const exact = among((one) => one === wanted);
  const found = exact.length > 0 ? exact : among((one) => one.includes(wanted));
  if (found.length === 0) {
    const near = nearestWord(wanted, terms.flatMap(({ words }) => words));
    throw new LabError(
      `Cannot explain "${word}": the lab has no such word`,
      near === undefined ? "docs/GLOSSARY.md has its words" : `Did you mean "${near}"?`,
    );
  }
  return found.map(({ words, kind, meaning }) => ({ kind, name: words[0]!, meaning }));
}
