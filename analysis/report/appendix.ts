// SPDX-License-Identifier: Apache-2.0
import { counted, listed, significant, whole } from "../findings/numbers.ts";
import { isOutside } from "../../contract/exact.ts";
import type { RunFile } from "../../contract/run_file.ts";
import { type Markup, markup, type Part } from "./markup.ts";
import type { Material } from "./material.ts";
import { shortDigest } from "./labels.ts";
import { answerTable, table } from "./table.ts";

const NONE = "\u2013";

/** Trials that an interrupted run has not come to. */
export function waitingTrials({ trials }: Material): Markup | false {
  const waiting = trials.filter(({ status }) => status === "waiting").length;
  return waiting > 0 &&
    markup`<p class="alarm">The run is not complete: ${
      counted(waiting, "trial")
    } of ${trials.length} have not been run.</p>`;
}

/** Failed trials, loud and first, each with its reason and the end of the console. */
export function failedTrials({ trials, failures, lastLogs }: Material): Markup | false {
  const failed = trials.filter(({ status }) => status === "failed");
  if (failed.length === 0) return false;
  const sections = failed.slice(0, MOST_FAILED).map(({ trial, reason }) => {
    const own = failures.filter((failure) => failure.trial === trial);
    const console = own.map((failure) => failure.console).find((text) => text !== null);
    const excerpt = console ?? lastLogs[String(trial)];
    const guest = own.find((failure) => failure.guest !== null)?.guest;
    return markup`<h3>${String(trial)}</h3>
<p>${String(reason ?? "No reason was recorded.")}${
      typeof guest === "number" && !names(reason, guest) && ` (guest ${guest})`
    }</p>
${excerpt !== undefined && markup`<pre tabindex="0">${String(excerpt)}</pre>`}
`;
  });
  return markup`<section id="failed">
<h2>Failed trials</h2>
<p class="alarm">${
    counted(failed.length, "trial")
  } of ${trials.length} failed. Nothing recorded there is
in any number of this report.</p>
${sections}${
    failed.length > MOST_FAILED &&
    markup`<p>${
      whole(failed.length - MOST_FAILED)
    } more: <span class="mono">tables/trials.csv</span>.</p>`
  }</section>`;
}

/** Whether a reason says itself which guest it is about. */
function names(reason: unknown, guest: number): boolean {
  return new RegExp(`\\bguest ${guest}\\b`).test(String(reason));
}

/** More trials than these are in the files beside the page, and as many failed ones as these are shown. */
const MOST_TRIALS = 500;
const MOST_FAILED = 20;

/** Every trial with its digest, and the run that measured it if that was another. */
export function trialTable({ run, trials }: Material): Markup {
  if (trials.length > MOST_TRIALS) {
    const states = Map.groupBy(trials, ({ status }) => String(status));
    const counts = [...states].map(([status, found]) => `${whole(found.length)} ${status}`);
    return markup`<p>${listed(counts)}. Each with its settings and the digest of its records:
<span class="mono">tables/trials.csv</span> and <span class="mono">run.json</span>.</p>`;
  }
  const measuredBy = new Map(
    run.trials.flatMap(({ id, reused_from }) =>
      typeof reused_from === "string" ? [[id, reused_from] as const] : []
    ),
  );
  const columns = [
    { heading: "trial" },
    { heading: "status" },
    { heading: "wall time, s", number: true },
    { heading: "digest of its records" },
    ...(measuredBy.size === 0 ? [] : [{ heading: "measured by" }]),
  ];
  const rows = trials.map(({ trial, status, wall_s, digest }): Part[] => [
    String(trial),
    String(status),
    typeof wall_s === "number" ? wall_s.toFixed(1) : NONE,
    digestOf(digest === null ? undefined : String(digest)),
    ...(measuredBy.size === 0 ? [] : [measuredBy.get(String(trial)) ?? "this run"]),
  ]);
  const workloads = run.trials.map(({ id, settings }) => [id, String(settings.workload)] as const);
  const workloadOf = new Map(workloads);
  return table(columns, rows, trials.map(({ trial }) => workloadOf.get(String(trial)) ?? ""));
}

function digestOf(digest: string | undefined): Markup {
  return digest === undefined ? markup`${NONE}` : shortDigest(digest);
}

/** What was done and how each number is defined. */
export function method({ run }: Material): Markup {
  if (isOutside(run.mode)) return outsideMethod(run);
  const phases = (run.experiment.phases ?? []).join(", ");
  const repeatability = run.mode === "exact"
    ? "The host runs in an emulator in exact mode: the same trial gives the same records to the byte, so a " +
      "difference between arms is a fact for its seed and no noise."
    : "The trials were carried out on real machines and measured in time, so trials of equal settings differ.";
  return markup`<p>Each trial ${
    run.mode === "exact" ? "boots one host and, in it, guests" : "starts its guests on one host,"
  } under KVM, and then goes through its phases: ${phases}. Counters are read at the end of each phase, so that a count belongs to one phase. The
arms differ in one thing. In <em>off</em> the host drops a guest\u2019s second-level mapping of a page that
KSM merges, so that the next access is a vmexit. In <em>on</em> the callback change_pte rewrites the
mapping in place. <em>map</em>, where it occurs, drops it once and maps the merged page at once,
before the guest asks for it. <em>stock</em>, where it occurs, is the kernel without the patch.</p>
<p>${repeatability} The trial is the statistical unit: its guests are counted together and never taken for
independent. Trials of equal seed are compared in pairs. Means are over seeds, and ranges are those of the
single seeds.</p>`;
}

/** Nobody carried out a trial: the numbers are somebody else's. */
function outsideMethod({ mode }: RunFile): Markup {
  return mode === "imported"
    ? markup`<p>No trial was carried out. The numbers were read from files that somebody has given, and stand in the
same tables as those of a trial, in one phase, <em>observe</em>. Nothing is known of what the guests did, and nothing
repeats to the digit.</p>`
    : markup`<p>No trial was carried out. The lab looked at a host whose guests others run, and changed nothing but
tracing, in an instance of its own. Counters are differences over the phase <em>observe</em>; what they stood at before is
the phase <em>before</em>. Nothing is known of what the guests did, and nothing repeats to the digit.</p>`;
}

/** Every question with its definitions and its answer. */
export function tables({ questions, answers }: Material): Markup {
  const answered = questions.flatMap((question) => {
    const answer = answers[question.name];
    return answer === undefined || answer.rows.length === 0
      ? []
      : answerTable(question.name, answer, question);
  });
  return markup`<p>What the findings rest on: each question that was asked of the records, with the
definitions that hold for it. The answers are in <span class="mono">tables/</span> beside this file too.</p>
${(answers.effects?.rows.length ?? 0) > 0 && answerTable("effects", answers.effects!, EFFECTS)}
${answered}`;
}

const EFFECTS = {
  question: "How much do the arms differ, and how sure is that?",
  notes:
    "Paired differences of on and off within seeds, with 95\u00a0% BCa bootstrap intervals, effect sizes " +
    "(mean difference in standard deviations) and permutation tests.",
};

/** The machine, where the time went, what went in, and how to get it again. */
export function provenance({ run }: Material): Markup {
  const drift =
    markup`<p class="alarm">A locked source was replaced by a near version. The digests of this
run cannot be held against those of a run without drift.</p>`;
  return markup`<h2>Machine</h2>
${facts({ ...run.machine, host: run.host, mode: run.mode })}
<h2>Where the time went</h2>
${timings(run)}
<h2>Provenance</h2>
${run.drift === true && drift}
${inputs(run)}
${facts({ run: run.run, started: run.started, finished: run.finished, git: revision(run) })}
<dl><dt>digest</dt><dd>${digestOf(run.digest ?? undefined)}</dd></dl>
<h2>How to repeat this</h2>
${repeat(run)}`;
}

function facts(values: Record<string, unknown>): Markup {
  const rows = Object.entries(values).map(([name, value]) =>
    markup`<dt>${name.replaceAll("_", " ")}</dt><dd>${String(value ?? NONE)}</dd>\n`
  );
  return markup`<dl>${rows}</dl>`;
}

function timings({ timings_s = {} }: RunFile): Markup {
  const rows = Object.entries(timings_s).map(([name, value]) => [name, significant(value)]);
  if (rows.length === 0) return markup`<p>No times were recorded.</p>`;
  return markup`${table([{ heading: "part" }, { heading: "wall time, s", number: true }], rows)}
<p class="quiet">What was built was built side by side; times of phases are summed over
trials, which may run side by side.</p>`;
}

function inputs({ inputs = {} }: RunFile): Markup {
  const rows = Object.entries(inputs).map(([name, { digest, version }]): Part[] => [
    name,
    version ?? NONE,
    digestOf(digest),
  ]);
  return table([{ heading: "input" }, { heading: "version" }, { heading: "digest" }], rows);
}

function revision({ git }: RunFile): string {
  if (git === null || git === undefined) return "not recorded";
  return `${git.revision}${git.clean === false ? ", with changes that were not committed" : ""}`;
}

function repeat(run: RunFile): Markup {
  if (isOutside(run.mode)) {
    return markup`<pre tabindex="0">./lab report reports/${run.run}    # this page again, from its records</pre>`;
  }
  const command = ["./lab", ...run.command ?? ["run", run.experiment.name]];
  const words = command.map((word) => /^[\w./=:,@-]+$/.test(word) ? word : `'${word}'`).join(" ");
  const checkout = run.git ? `git checkout ${run.git.revision}\n` : "";
  const expectation = run.mode === "exact"
    ? `The repeated run must end with the same digest, on any machine: ${run.digest ?? NONE}.`
    : "On hardware the counts will differ within the range of the seeds.";
  return markup`<pre tabindex="0">${checkout}${words}
./lab report reports/${run.run}    # this page again, from its records</pre>
<p>${expectation}</p>`;
}
