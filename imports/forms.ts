// SPDX-License-Identifier: Apache-2.0
/** What can be imported. A form more is a file more in forms/ and a line more here. */
import { ksm } from "./forms/ksm.ts";
import { ksmtunedConf } from "./forms/ksmtuned_conf.ts";
import { ksmtunedLog } from "./forms/ksmtuned_log.ts";
import { kvmexit } from "./forms/kvmexit.ts";
import { perfKvmStat } from "./forms/perf_kvm_stat.ts";
import { perfReport } from "./forms/perf_report.ts";
import { perfScript } from "./forms/perf_script.ts";
import type { Form } from "./piece.ts";

/** The first that recognizes a file reads it: those that look like nothing else come first. */
export const forms: readonly Form[] = [
  perfKvmStat,
  kvmexit,
  perfScript,
  perfReport,
  ksmtunedLog,
  ksmtunedConf,
  ksm,
];

/** The form of that name. */
export function formNamed(name: string): Form {
  return forms.find((form) => form.name === name)!;
}
