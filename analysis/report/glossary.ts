// SPDX-License-Identifier: Apache-2.0
import { type Markup, markup } from "./markup.ts";

/** A word of the lab's and what it means. */
export interface Term {
  word: string;
  meaning: string;
}

const ROW = /^\| ([^|]+?) +\| (.+?) +\|$/;

/** Reads the glossary: the rows of the one table of docs/GLOSSARY.md. */
export async function readGlossary(): Promise<Term[]> {
  const text = await Deno.readTextFile(new URL("../../docs/GLOSSARY.md", import.meta.url));
  return text.split("\n").flatMap((line) => {
    const [, word, meaning] = ROW.exec(line) ?? [];
    if (word === undefined || word === "word" || /^-+$/.test(word)) return [];
    return [{ word, meaning: meaning!.replaceAll("`", "") }];
  });
}

/** What there is in the emulated host alone. */
const ofExactRuns: ReadonlySet<string> = new Set([
  "exact mode",
  "fork",
  "prefix",
  "state",
  "turn",
  "turn seed",
]);

/** The words that a report of a run of this mode may need. */
export function glossaryOf(terms: readonly Term[], mode: string): Term[] {
  return mode === "exact" ? [...terms] : terms.filter(({ word }) => !ofExactRuns.has(word));
}

/** How words of the glossary occur in running text, the longer ones first. */
const FORMS: readonly [form: RegExp, word: string][] = [
  [/\bmerged pages?\b/, "merged page"],
  [/\brefaults?\b/, "refault"],
  [/\bvmexits?\b/, "exit, vmexit"],
  [/\bchange_pte\b/, "change_pte"],
  [/\bexact mode\b/, "exact mode"],
  [/\bphases?\b/, "phase"],
  [/\btrials?\b/, "trial"],
  [/\bKSM\b/, "KSM"],
  [/\bcensus\b/, "census"],
  [/\btouch(es)?\b/, "touch"],
  [/\bvirtual CPUs?\b/, "vCPU"],
];

/** Makes links of words that the glossary explains: of each its first occurrence in a section. */
export function explainer(glossary: readonly Term[]): (text: string) => Markup {
  const known = new Set(glossary.map(({ word }) => word));
  const left = FORMS.filter(([, word]) => known.has(word));
  return function explain(text: string): Markup {
    const found = left.map(([form, word], at) => ({ match: form.exec(text), word, at }))
      .filter(({ match }) => match !== null)
      .sort((a, b) => a.match!.index - b.match!.index)[0];
    if (found === undefined) return markup`${text}`;
    left.splice(found.at, 1);
    const [said] = found.match!;
    const at = found.match!.index;
    return markup`${text.slice(0, at)}<a class="term" href="#${idOf(found.word)}">${said}</a>${
      explain(text.slice(at + said.length))
    }`;
  };
}

/** All words, as the page's last section. */
export function glossaryList(glossary: readonly Term[]): Markup {
  return markup`<dl class="glossary">${
    glossary.map(({ word, meaning }) =>
      markup`<dt id="${idOf(word)}">${word}</dt><dd>${meaning}</dd>\n`
    )
  }</dl>`;
}

function idOf(word: string): string {
  return `term-${word.replace(/\W+/g, "-").toLowerCase()}`;
}
