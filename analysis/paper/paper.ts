// SPDX-License-Identifier: Apache-2.0
import type { Drawing } from "../figures/chart.ts";
import type { Finding } from "../findings/finding.ts";
import { placeOf } from "../findings/finding.ts";
import { counted, percent, significant } from "../findings/numbers.ts";
import type { FindingTable } from "../findings/tables.ts";
import type { Answer } from "../engine/result.ts";
import type { Material } from "../report/material.ts";
import { tabular } from "./booktabs.ts";
import { type ArtifactAppendix, factsOf } from "./artifact.ts";
import { escapeCode, escapeLatex } from "./escape.ts";

/** Room for a figure on the page, pt: A4 with margins of 28 mm. */
const TEXT_WIDTH = 437;
const FIGURE_HEIGHT = 560;

/**
 * The report as a LaTeX article: compiled with pdflatex and bibtex in its folder, it becomes a PDF. It
 * takes figures from `figures/NAME.pdf` and tables from `tables/NAME.tex` beside it.
 */
export function paper(material: Material): string {
  const { run, trials, findings } = material;
  const title = escapeLatex(run.experiment.title ?? run.experiment.name);
  const done = trials.filter(({ status }) => status === "done").length;
  const phases = (run.experiment.phases ?? []).join(", ");
  return `\\documentclass[11pt,a4paper]{article}
\\usepackage[T1]{fontenc}
\\usepackage[utf8]{inputenc}
\\usepackage{textcomp}
\\usepackage{lmodern}
\\usepackage[margin=28mm]{geometry}
\\usepackage{booktabs}
\\usepackage{graphicx}
\\usepackage{url}
\\setlength{\\emergencystretch}{3em}
\\title{${title}}
\\author{Run ${escapeLatex(run.run)}}
\\date{${escapeLatex((run.started ?? "").slice(0, 10))}}
\\begin{document}
\\maketitle
\\begin{abstract}
${abstract(findings).map(escapeLatex).join(" ")}
\\end{abstract}

\\section{Question}
${escapeLatex(run.experiment.question ?? "")}
Kernel samepage merging saves memory that guests hold more than once~\\cite{ksm,xlh,uksm}; how much
there is to save has been measured~\\cite{barker}. What the guests pay for it in vmexits is asked here.

\\section{Method}
${
    escapeLatex(
      `${
        counted(done, "trial")
      } of ${trials.length} finished, on a host of the kind "${run.host}" in ` +
        `${run.mode} mode. Each boots one host with its guests and goes through its phases: ${phases}. ` +
        "In off the host drops a guest's second-level mapping of a page that KSM merges; in on the " +
        "callback change_pte rewrites it in place; stock, where it occurs, is the kernel without the patch. " +
        "The trial is the unit; trials of equal seed are compared in pairs.",
    )
  }
Intervals are BCa bootstrap intervals~\\cite{bootstrap}.

\\section{Findings}
${material.answers.effects === undefined ? "" : headline(material.answers.effects.rows)}
${findings.map((finding) => section(finding, material.drawings)).join("\n")}
\\section{Provenance}
${provenance(material)}

\\bibliographystyle{plain}
\\bibliography{references}

\\appendix
\\input{artifact}
\\end{document}
`;
}

function headline(effects: readonly Answer[]): string {
  if (effects.length === 0) return "";
  const range = ({ reduction_low, reduction_high }: Answer) =>
    typeof reduction_low === "number" && typeof reduction_high === "number"
      ? `${percent(reduction_low)} to ${percent(reduction_high)}`
      : "\u2013";
  const rows = effects.map((row) => [
    placeOf(row),
    `${row.measure} (${row.unit})`,
    significant(Number(row.baseline_mean)),
    significant(Number(row.treatment_mean)),
    typeof row.reduction === "number" ? percent(row.reduction) : "\u2013",
    range(row),
  ]);
  const heads = ["workload", "measure", "without", "with", "less", "interval"];
  const caption =
    "Means over seeds without and with the callback, and by how much it is less, with " +
    "its 95\u00a0% interval.";
  return `\\begin{table}[htbp]
\\centering
\\caption{${escapeLatex(caption)}}
\\resizebox{\\linewidth}{!}{%
${tabular("llrrrr", heads, rows).trimEnd()}}
\\end{table}
`;
}

/** What findings say in short: the first in whole, then of those that the experiment is about. */
const IN_ABSTRACT = ["exits", "touch-cost", "memory", "sharing", "content"];

function abstract(findings: readonly Finding[]): string[] {
  const shorts = IN_ABSTRACT.flatMap((id) => {
    const finding = findings.find((one) => one.id === id);
    return finding === undefined ? [] : (finding.summary ?? finding.sentences).slice(0, 1);
  });
  return [findings[0]?.sentences[0] ?? "", ...shorts];
}

function section(finding: Finding, drawings: Readonly<Record<string, Drawing>>): string {
  const { id, heading, sentences, summary, tables = [], caveats, chart } = finding;
  const drawing = chart === undefined ? undefined : drawings[chart];
  const said = tables.length === 0 ? sentences : summary ?? [];
  const small = caveats.length === 0
    ? ""
    : `\\par{\\footnotesize ${caveats.map(escapeLatex).join(" ")}\\par}\n`;
  return `\\subsection{${escapeLatex(heading)}}
${said.map(escapeLatex).join("\n")}
${tables.length === 0 ? "" : `\\input{snippets/table-${id}}\n`}${
    drawing === undefined ? "" : `\\input{snippets/figure-${chart}}\n`
  }${small}`;
}

/**
 * Pieces to include in a paper, by file name: each figure and each finding's tables with caption and label,
 * for `\\input{snippets/...}` beside `figures/`. They need booktabs and graphicx.
 */
export function snippets({ findings, drawings }: Material): Record<string, string> {
  const figures = Object.entries(drawings).map(([name, drawing]) =>
    [`figure-${name}.tex`, figure(name, drawing)] as const
  );
  const tables = findings.filter(({ tables = [] }) => tables.length > 0)
    .map(({ id, tables = [] }) => [`table-${id}.tex`, findingTables(id, tables)] as const);
  return Object.fromEntries([...figures, ...tables]);
}

function findingTables(id: string, tables: readonly FindingTable[]): string {
  return tables.map(({ title, columns, rows }, at) => {
    const align = columns.map(({ number }) => number === true ? "r" : "l").join("");
    const body = tabular(
      align,
      columns.map(({ heading }) => heading),
      rows.map(({ cells }) => cells),
    );
    const label = at === 0 ? `tab:${id}` : `tab:${id}-${at + 1}`;
    return `\\begin{table}[htbp]
\\centering\\small
\\caption{${escapeLatex(title)}}\\label{${label}}
\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%
${body.trimEnd()}}
\\end{table}
`;
  }).join("");
}

/** The artifact appendix, for `\\input{artifact}` in the appendix of a paper. */
export function artifactSection(artifact: ArtifactAppendix): string {
  const facts = factsOf(artifact).map(([name, said]) =>
    `\\item[${escapeLatex(name)}] ${
      name.includes("digest") ? escapeBroken(said) : escapeLatex(said)
    }`
  );
  const claims = artifact.claims.map(({ claim, command, expected }, at) =>
    `\\item[C${at + 1}] ${escapeLatex(claim)} Command: ${
      escapeCode(command)
    } (seconds, no further disk). ` +
    `Expected: ${escapeLatex(expected.join("; "))}.`
  );
  return `\\section{Artifact appendix}\\label{sec:artifact}
\\begin{description}
${facts.join("\n")}
\\end{description}
\\subsection{Claims}
One measurement, ${
    escapeCode(artifact.command)
  }, ends with the name of a run, which stands for RUN below;
the commands print a row for each trial, and expected are the means over seeds.
In a pack of the run, ${
    escapeCode("./reproduce --sample 1")
  } checks one trial byte by byte without building
anything, and ${escapeCode("./reproduce")} all of them.
\\begin{description}
${claims.join("\n")}
\\end{description}
`;
}

/** Long digests may break anywhere. */
function escapeBroken(text: string): string {
  if (!/^[0-9a-f]{32,}$/.test(text)) return escapeLatex(text);
  return `\\texttt{${text.match(/.{1,8}/g)!.join("\\allowbreak{}")}}`;
}

function figure(name: string, { svg, spec }: Drawing): string {
  const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const scale = Math.min(1, TEXT_WIDTH / Number(width), FIGURE_HEIGHT / Number(height));
  return `\\begin{figure}[htbp]
\\centering
\\includegraphics[scale=${scale.toFixed(3)}]{figures/${name}.pdf}
\\caption{${escapeLatex(String(spec.description ?? name))}}\\label{fig:${name}}
\\end{figure}
`;
}

function provenance({ run }: Material): string {
  const inputs = Object.entries(run.inputs ?? {}).map(([name, { version, digest }]) =>
    `${name}: ${version ?? "no version"} (${digest.slice(0, 12)})`
  );
  const revision = run.git ? ` at revision ${escapeBroken(run.git.revision)}` : "";
  const command = `./lab ${(run.command ?? ["run", run.experiment.name]).join(" ")}`;
  return `Command: ${escapeCode(command)}${revision}. ` +
    `Inputs: ${escapeLatex(inputs.join("; "))}. Digest of all records: ${
      escapeBroken(run.digest ?? "none")
    }.`;
}
