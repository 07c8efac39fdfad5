// SPDX-License-Identifier: Apache-2.0
/** What the numbers of /sys/kernel/mm/ksm mean, in sentences. */
import type { Evidence, Finding } from "../finding.ts";
import { counted, percent, significant, whole, withUnit } from "../numbers.ts";
import { type Reading, readingsOf } from "./reading.ts";
import { missingCounters, settingsSentences } from "./ksm_settings.ts";
import { seriesSentences } from "./ksm_series.ts";
import { duration, mib, pageSize } from "./words.ts";

/** What the counters mean; null where nothing of KSM is known. */
export function ksmFinding(evidence: Evidence): Finding | null {
  const readings = readingsOf(evidence);
  const last = readings.at(-1);
  if (last === undefined) return null;
  return {
    id: "ksm",
    heading: "What KSM's numbers mean",
    sentences: [
      ...savedSentences(last),
      ...stateSentences(last),
      ...shareSentences(last),
      ...chainSentences(last),
      ...passSentences(last),
      ...settingsSentences(last),
      ...(readings.length > 1 ? seriesSentences(readings) : []),
    ],
    caveats: [
      ...(evidence.run.mode === "imported"
        ? [
          `A page is taken to be ${
            pageSize(last.page_bytes)
          }, as on x86-64; other hosts are imported with --page-size.`,
        ]
        : []),
      ...missingCounters(last),
    ],
    table: "outside_ksm",
  };
}

/** Counters that say of how many pages KSM knows. */
const pageCounters = ["pages_shared", "pages_sharing", "pages_unshared", "pages_volatile"];

function seen(reading: Reading): number | undefined {
  const found = pageCounters.flatMap((name) => reading.number(name) ?? []);
  return found.length === 0 ? undefined : found.reduce((sum, one) => sum + one, 0);
}

/** What is saved is pages_sharing: not what the merged pages take up, nor the difference. */
function savedSentences(reading: Reading): string[] {
  const { page_bytes } = reading;
  const [shared, sharing] = [reading.number("pages_shared"), reading.number("pages_sharing")];
  const zero = reading.number("ksm_zero_pages") ?? 0;
  if (sharing === undefined) {
    return ["How much is saved cannot be said: pages_sharing is not among the numbers."];
  }
  const saved = `Saved: pages_sharing × ${pageSize(page_bytes)} = ${mib(sharing * page_bytes)}`;
  const aside = shared === undefined || shared === 0
    ? ""
    : ` (not the ${mib(shared * page_bytes)} that the ${
      counted(shared, "merged page")
    } of pages_shared take up, nor ` +
      `their difference, ${mib((sharing - shared) * page_bytes)})`;
  const profit = reading.number("general_profit");
  return [
    `${saved}${aside}.`,
    ...(zero === 0 ? [] : [
      `Further ${
        mib(zero * page_bytes)
      } are saved by ksm_zero_pages, empty pages that are mapped to the kernel's zero ` +
      `page: together ${mib((sharing + zero) * page_bytes)}.`,
    ]),
    ...(profit === undefined ? [] : [profitSentence(profit, (sharing + zero) * page_bytes)]),
  ];
}

function profitSentence(profit: number, saved: number): string {
  const cost = saved - profit;
  if (profit < 0) {
    return `Merging costs more memory than it saves: general_profit is ${
      mib(profit)
    }, as KSM keeps ${mib(cost)} of notes ` +
      `about the pages that it looks at.`;
  }
  return cost <= 0
    ? `The kernel's own sum, general_profit, is ${mib(profit)}.`
    : `Less ${
      mib(cost)
    } of notes that KSM keeps about the pages it looks at, the kernel's own sum (general_profit) is ` +
      `${mib(profit)}.`;
}

/** Whether KSM runs, and whether it has anything to do. */
function stateSentences(reading: Reading): string[] {
  const [run, scans, pages] = [reading.number("run"), reading.number("full_scans"), seen(reading)];
  const nothing = pages === 0;
  if (run === 2) {
    return [
      "KSM was told to give everything back (run=2): merged pages are copied apart again, nothing is scanned, and " +
      (nothing
        ? "all counters are 0 for that reason."
        : "what is still counted was not given back yet."),
    ];
  }
  if (run === 0) {
    return [
      "KSM is stopped (run=0): nothing is scanned. " +
      (nothing
        ? "Nothing is merged either; with echo 1 > /sys/kernel/mm/ksm/run it would begin."
        : "What was merged before stays merged, and falls apart page by page as guests write."),
    ];
  }
  if (!nothing) {
    return scans === 0
      ? ["The first full scan has not ended: the counters still grow, and say little yet."]
      : [];
  }
  if (scans === undefined) {
    return ["Every counter of pages is 0: nothing is merged, and nothing was found that could be."];
  }
  if (scans === 0) {
    return [
      `${
        run === 1 ? "KSM runs, but no" : "No"
      } full scan has ended and every counter is 0: nothing has been offered to ` +
      "it with MADV_MERGEABLE. A VMM has to do that (QEMU does, unless mem-merge=off; shared guest memory, as " +
      "memory-backend-memfd, vhost-user or hugetlbfs need it, never can be), or prctl(PR_SET_MEMORY_MERGE) from 6.4.",
    ];
  }
  return [
    `${whole(scans)} full scans over nothing: scanning goes on${
      run === 1 ? " (run=1)" : ""
    } though no page is ` +
    "registered now that could be merged. Something once was, as KSM scans only then; who offered it has ended since, or " +
    "has no page in it.",
  ];
}

/** How well merging does: mappings a page, unique and changing pages. */
function shareSentences(reading: Reading): string[] {
  const [shared, sharing] = [reading.number("pages_shared"), reading.number("pages_sharing")];
  const [unique, changing] = [reading.number("pages_unshared"), reading.number("pages_volatile")];
  const all = seen(reading);
  if (all === undefined || all === 0) return [];
  const sentences: string[] = [];
  if (shared !== undefined && sharing !== undefined) {
    if (shared > 0) {
      const each = ((shared + sharing) / shared).toFixed(2);
      sentences.push(
        `A merged page has ${each} mappings on average: ${
          whole(shared + sharing)
        } pages of guests lie on ${whole(shared)}.`,
      );
    } else if (sharing > 0) {
      sentences.push(
        "The numbers contradict each other: pages are saved (pages_sharing) and none is merged (pages_shared). They were " +
          "read while KSM changed them, or are not of one moment.",
      );
    }
  }
  if (unique !== undefined) {
    const kinds = pageCounters.filter((name) => reading.number(name) !== undefined);
    const whole_ = kinds.length === pageCounters.length
      ? "what was looked at"
      : `what is counted (${kinds.join(", ")})`;
    const wasted = sharing !== undefined && unique > sharing
      ? ", more than is saved: much of the scanning finds nothing"
      : "";
    sentences.push(
      `${(100 * unique / all).toFixed(0)}\u00a0% of ${whole_} is unique (${whole(unique)} of ${
        whole(all)
      } pages)${wasted}.`,
    );
  }
  if (changing !== undefined && changing > 0) {
    const often = changing / all > MUCH_VOLATILE
      ? ": guests write faster than KSM comes round, so a faster pass would merge more, and copy more again"
      : "";
    sentences.push(
      `${
        percent(changing / all)
      } changed between two scans and were left alone (pages_volatile)${often}.`,
    );
  }
  return sentences;
}

/** From here on changing pages are worth a word. */
const MUCH_VOLATILE = 0.1;

function chainSentences(reading: Reading): string[] {
  const [chains, dups] = [reading.number("stable_node_chains"), reading.number("stable_node_dups")];
  if (chains === undefined || chains === 0) return [];
  const most = reading.number("max_page_sharing");
  const limit = most === undefined ? "max_page_sharing" : `max_page_sharing=${most}`;
  if (reading.number("pages_shared") === 0 || dups === 0) {
    const prune = reading.number("stable_node_chains_prune_millisecs");
    return [
      `${
        counted(chains, "chain")
      } left over of contents that once had more than ${limit} mappings: no page is behind ` +
      `${chains === 1 ? "it" : "them"} any more, and a scan drops ${chains === 1 ? "it" : "them"}` +
      `${prune === undefined ? "" : `, at most every ${significant(prune / 1000)}\u00a0s`}.`,
    ];
  }
  return [
    `${counted(chains, "content")} had more than ${limit} mappings and ` +
    `${chains === 1 ? "is" : "are"} kept ${
      dups === undefined ? "several times" : `${whole(dups)} times`
    } in all.`,
  ];
}

/** The least time in which KSM comes round. */
function passSentences(reading: Reading): string[] {
  const [batch, sleep] = [reading.number("pages_to_scan"), reading.number("sleep_millisecs")];
  if (batch === undefined || sleep === undefined) return [];
  if (batch === 0) return ["pages_to_scan is 0: a batch has no page, so nothing is ever scanned."];
  if (sleep === 0) {
    return [
      "Without a pause between batches (sleep_millisecs=0) ksmd scans as fast as one CPU can, and takes it whole.",
    ];
  }
  const per_s = 1000 * batch / sleep;
  const pages = seen(reading);
  const rate =
    `${whole(per_s)} pages/s at most (${mib(per_s * reading.page_bytes)}/s), as ${
      whole(batch)
    } pages ` +
    `follow each pause of ${withUnit(sleep, "ms")}`;
  return [
    pages === undefined || pages === 0
      ? `KSM scans ${rate}: a pass over 16\u00a0GiB would take ${
        duration(16 * 2 ** 30 / reading.page_bytes / per_s)
      } or more.`
      : `KSM scans ${rate}: one pass over the ${whole(pages)} pages it knows takes ${
        duration(pages / per_s)
      } or more, and ` +
        "a page is merged in its second pass at the earliest.",
  ];
}
