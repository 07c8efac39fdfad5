// SPDX-License-Identifier: Apache-2.0
/** `lab bundle export|import|show FILE`: built parts from one machine to another. */
import { sha256OfFile } from "../base/digest.ts";
import { reportToStderr } from "../base/report.ts";
import type { BundledPart } from "../packs/bundle_form.ts";
import { exportBundle, importBundle, readBundle } from "../packs/bundle.ts";
import { hasReference, withReference } from "../packs/reference.ts";
import { inMiB } from "./sizes.ts";

export interface BundleVerbRequest {
  action: "export" | "import" | "show";
  file: string;
  /** To export: experiments whose parts are wanted. */
  experiments: readonly string[];
  /** To export: with the source packages. */
  sources: boolean;
  json: boolean;
}

/** @returns the exit status. */
export async function bundle(request: BundleVerbRequest): Promise<number> {
  const { action, file } = request;
  if (action === "export") await exported(request);
  else if (action === "import") await imported(request);
  else await shown(request);
  const { size } = await Deno.stat(file);
  if (!request.json) console.log(`${file}: ${inMiB(size)}, sha256 ${await sha256OfFile(file)}`);
  return 0;
}

async function exported({ file, experiments, sources, json }: BundleVerbRequest): Promise<void> {
  const { parts } = await exportBundle(file, {
    ...{ experiments, complete: sources, report: reportToStderr },
  });
  if (json) console.log(JSON.stringify({ file, parts }));
  else for (const part of parts) console.log(line(part));
}

async function imported({ file, json }: BundleVerbRequest): Promise<void> {
  const parts = await importBundle(file, reportToStderr);
  const reference = await referenceDigests();
  if (json) console.log(JSON.stringify({ file, parts }));
  else {
    for (const part of parts) {
      console.log(`${line(part, reference)}${part.there ? ", was here" : ""}`);
    }
  }
}

async function shown({ file, json }: BundleVerbRequest): Promise<void> {
  const { bundle, licences } = await readBundle(file);
  const reference = await referenceDigests();
  if (json) {
    console.log(JSON.stringify({ file, ...bundle, licences }));
    return;
  }
  console.log(`made by the lab ${bundle.lab}, for: ${bundle.experiments.join(", ")}`);
  for (const part of bundle.parts) console.log(line(part, reference));
  console.log(`\n${licences.trimEnd()}\n`);
}

const shownDigits = 12;

function line({ kind, digest, what, files }: BundledPart, reference = new Set<string>()): string {
  const all = Object.values(files);
  const size = all.reduce((sum, { size }) => sum + size, 0);
  const known = all.some(({ sha256 }) => reference.has(sha256)) ? ", as in the reference run" : "";
  return `${kind} ${digest.slice(0, shownDigits)}: ${what}, ${inMiB(size)}${known}`;
}

/** Digests of what the reference run was measured on. */
async function referenceDigests(): Promise<Set<string>> {
  if (!await hasReference()) return new Set();
  return await withReference(({ record }) =>
    Promise.resolve(new Set(Object.values(record.inputs).map(({ digest }) => digest)))
  );
}
