// SPDX-License-Identifier: Apache-2.0
/** What means something to TeX, and what is written instead. */
const SPECIALS: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "$": "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  "_": "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
  "`": "\\textasciigrave{}",
  "\u00a0": "~",
  "\u00b7": "\\textperiodcentered{}",
  "\u00d7": "\\texttimes{}",
  "\u00b5": "\\textmu{}",
  "\u2013": "--",
  "\u2014": "---",
  "\u2018": "`",
  "\u2019": "'",
  "\u201c": "``",
  "\u201d": "''",
  "\u2026": "\\dots{}",
  "\u2212": "\\textminus{}",
  "\u2265": "\\ensuremath{\\ge}",
  "\u2264": "\\ensuremath{\\le}",
};

/**
 * Text as LaTeX with the encoding T1 and the package textcomp shows it. A character that those fonts
 * do not have becomes a question mark: the file must compile whatever a run holds.
 */
export function escapeLatex(text: string): string {
  return [...text].map((char) => SPECIALS[char] ?? (printable(char) ? char : "?")).join("");
}

/** ASCII and the letters of Latin scripts. Control characters end up as spaces. */
function printable(char: string): boolean {
  return /^[\x20-\x7e\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017e]$/u.test(char);
}

/**
 * Text as it is typed, in the font for that: hyphens stay hyphens and do not join to dashes, and lines may
 * break after them, after slashes and after commas.
 */
export function escapeCode(text: string): string {
  const typed = escapeLatex(text).replaceAll("-", "-{}\\allowbreak{}")
    .replaceAll("'", "\\textquotesingle{}").replace(/([/,=])/g, "$1\\allowbreak{}");
  return `\\texttt{${typed}}`;
}
