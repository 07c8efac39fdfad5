// SPDX-License-Identifier: Apache-2.0
/** The page that somebody who unpacks a pack reads first. */
import type { RunFile } from "../contract/run_file.ts";

export function readmeOf(record: RunFile): string {
  const { run, experiment, git, digest, trials } = record;
  const done = trials.filter(({ status }) => status === "done").length;
  const revision = git === null
    ? "an unknown revision"
    : `revision ${git.revision}${git.clean ? "" : ", with changes that were not committed"}`;
  return `# ${experiment.title}

${experiment.question}

This is the run \`${run}\` of Samepage Lab: everything that was measured, everything it was measured on,
and what it takes to measure it again. Measured with the lab's ${revision}.
Digest of the results: \`${digest}\`.

## Check it

\`\`\`sh
./reproduce --sample 1     # one of ${done} trials: well under a minute on a desktop
./reproduce                # all of them
\`\`\`

This checks the digest of every file here, starts the emulator in \`binaries/\` for each trial, and compares
what the emulated host records with \`trials/\`, byte by byte. It needs Linux on x86-64, a POSIX shell with
the usual tools (GNU coreutils, grep) and about 1 GiB of memory: no root, no network, no virtualization,
nothing to build or install. The processor does not matter: time in the emulated host is counted in
instructions. Exit status 0 means that all were the same.

Unpacking takes GNU tar and zstd: \`tar --zstd -xf ${run}.tar.zst\`.

\`reproduce\` and \`cage\` are short scripts from whoever made this pack, and run as you: read them first.
They run the emulator without privileges, network or any file but its own, where the machine has namespaces
(util-linux), and say so where it has none. An emulator could print whatever it was told to.

With the lab, from where you trust it: \`./lab verify ${run}.tar.zst\` does the same in parallel, without
privileges, network or any file but its own, says whose programs they are and in words what differs;
with \`--own-emulator\` the lab's emulator does it. \`./lab query\` and \`./lab compare\` take the unpacked
folder as a run.

## Read it

| what | where |
|---|---|
| the report, one page | \`index.html\` |
| its tables and figures | \`tables/*.csv\`, \`figures/\` |
| claims, each with command, time, disk and expected digits | \`ARTIFACT.md\` |
| the same as a paper, with pieces to include | \`paper/\` |
| all data, for other tools | \`data/*.parquet\` |
| records as they came | \`trials/*.jsonl\` |
| what was asked, and on what it ran, by digest | \`run.json\` |
| kernels with configurations, emulator, images | \`binaries/\` |
| the lab, with patches and locks | \`sources/lab/\` |
| how each trial is started | \`replay/\` |
| licences, and where the source of each binary is | \`LICENSES/README.md\` |
| metadata | \`ro-crate-metadata.json\` (RO-Crate 1.1), \`CITATION.cff\` |
`;
}
