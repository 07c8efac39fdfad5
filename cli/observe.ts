// SPDX-License-Identifier: Apache-2.0
import { sha256OfJson } from "../base/digest.ts";
import { reportToStderr } from "../base/report.ts";
import { writeOutsideRun } from "../bench/outside_run.ts";
import { watch } from "../observe/observe.ts";
import { recordsOf } from "../observe/records.ts";
import { sayOutside } from "./outside.ts";

export interface ObserveRequest {
  /** "local" or "ssh://user@host:port". */
  host: string;
  for_s: number;
  every_s: number;
  trace: boolean;
  name: string;
  json: boolean;
  /** As it was typed. */
  command: readonly string[];
}

/** `lab observe HOST`: a run of what was seen there. */
export async function observe(
  { name, json, command, ...request }: ObserveRequest,
): Promise<number> {
  const started = new Date();
  const seen = await watch(request, reportToStderr);
  const { records, settings } = recordsOf(seen);
  const { arch, kernel, cpus } = seen.host;
  const folder = await writeOutsideRun({
    ...{ name, mode: "observed", records, settings, started, command },
    host: request.host === "local" ? "local" : "ssh",
    title: "Observed: a host whose guests others run",
    question: "What does merging cost there, and what would change_pte spare?",
    inputs: {
      kernel: { digest: sha256OfJson({ kernel: kernel ?? "" }), version: kernel ?? "unknown" },
    },
    machine: { arch: arch ?? "unknown", cores: Number(cpus) || 0, kernel: kernel ?? "unknown" },
  });
  return await sayOutside(folder, json);
}
