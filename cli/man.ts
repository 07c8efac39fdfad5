// SPDX-License-Identifier: Apache-2.0
/** The lab's man page, made from the table of verbs. */
import project from "../deno.json" with { type: "json" };

/** What the page says of a verb. */
export interface ManSection {
  name: string;
  summary: string;
  /** What `lab help VERB` says. */
  help: string;
}

/** The text of the page, in the language of man(7). */
export function manPage(verbs: readonly ManSection[]): string {
  const sections = verbs.map(({ name, summary, help }) =>
    `.SS ${name}\n${literal(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)}\n` +
    `.PP\n.nf\n${literal(help)}\n.fi`
  );
  return [
    `.TH LAB 1 "" "Samepage Lab ${project.version}" "User Commands"`,
    ".SH NAME",
    "lab \\- measure what merging of identical pages costs KVM hosts",
    ".SH SYNOPSIS",
    ".B ./lab",
    "[\\-\\-install] VERB ...",
    ".SH DESCRIPTION",
    literal(
      "Runs identical guests under KVM, with the callback change_pte off and on, counts every vmexit, " +
        "and writes a report. With --install, as root, missing Debian packages are installed first.",
    ),
    ".SH VERBS",
    ...sections,
    ".SH FILES",
    literal(
      "reports/RUN/index.html is the report of a run; $XDG_CACHE_HOME/samepage-lab holds builds.",
    ),
  ].join("\n");
}

/** Text that means itself: no escapes, and no line that is a request. */
function literal(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll(/^(?=[.'])/gm, "\\&");
}
