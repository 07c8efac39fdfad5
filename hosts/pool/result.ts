// SPDX-License-Identifier: Apache-2.0
/** What runner.sh says of a trial that it has carried out, checked as it arrives. */
import { decodeBase64 } from "@std/encoding/base64";
import { gunzipSync } from "node:zlib";
import { sha256 } from "../../base/digest.ts";
import { ProgramFailed } from "../../base/process.ts";
import { instructionsIn, whyFailed } from "../emulated/ending.ts";
import type { Machine } from "../emulated/machine.ts";
import { outputStates } from "../emulated/output.ts";
import type { Outcome } from "../host.ts";

/** A trial that was carried out somewhere. */
export interface Result {
  node: string;
  /** Digest of the records. */
  sha256: string;
  wall_s: number;
  outcome: Extract<Outcome, { records: Uint8Array }>;
}

/** The first line. */
const heading = "samepage-result 1";

/** A trial leaves at most so much of each text: what is more is no result of runner.sh's. */
const mostBytes = 2 ** 31;

/**
 * Reads a result.
 *
 * @returns in words what is wrong with it, where it is not whole.
 */
export function readResult(text: string, machine: Machine): Result | string {
  const lines = text.trimEnd().split("\n");
  const fields = new Map(lines.map((line) => {
    const cut = line.indexOf(" ");
    return cut < 0 ? [line, ""] : [line.slice(0, cut), line.slice(cut + 1)];
  }));
  if (lines[0] !== heading || !fields.has("end")) return "the result is not whole";
  const [records, said, heard] = ["records", "emulator", "console"].map((name) => {
    try {
      return gunzipSync(decodeBase64(fields.get(name) ?? ""), { maxOutputLength: mostBytes });
    } catch {
      return undefined;
    }
  });
  if (records === undefined || said === undefined || heard === undefined) {
    return "what was packed cannot be unpacked";
  }
  const digest = sha256(records);
  if (digest !== fields.get("sha256")) return "the records are not those that were sent";
  const [log, console] = [said, heard].map((bytes) => new TextDecoder().decode(bytes)) as [
    string,
    string,
  ];
  const status = Number(fields.get("exit"));
  const how = `failed with exit status ${status}`;
  const failure = whyFailed({
    ...{ records, log: `$ emulator\n${log}`, console, machine },
    state: outputStates[Number(fields.get("state"))] ?? "failed",
    error: status === 0 ? undefined : new ProgramFailed(how, how),
  });
  const instructions = instructionsIn(log);
  const outcome = failure === undefined ? { ended: "done" as const, records, instructions } : {
    ended: "failed" as const,
    ...{ records, instructions, reason: failure },
    evidence: { console, emulator: log },
  };
  return {
    node: fields.get("node") ?? "",
    sha256: digest,
    wall_s: Number(fields.get("wall_s")),
    outcome,
  };
}
