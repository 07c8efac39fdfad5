import { stress, stressParts } from "../stress/stress.ts";
import { type KernelLine, kernelLines } from "../kernel/variants.ts";
import { parseVerb } from "./arguments.ts";
import { LabError } from "../base/errors.ts";

const usage = `Usage: ./lab stress [${stressParts.join("|")}] [--line ${
  kernelLines.join("|")
}] [--json]`;

/** `lab stress [PART]`: what the patched kernel has to stand. */
export function stressKernel(args: readonly string[]): Promise<number> {
  const { _: [part, ...rest], json, line } = parseVerb(args, {
    boolean: ["json"],
    string: ["line"],
    default: { line: "6.1" },
  }, usage);
  if (rest.length > 0) throw new LabError("Cannot stress: name one part or none", usage);
  if (part !== undefined && !stressParts.some((known) => known === part)) {
    throw new LabError(`Cannot stress "${part}": there is no such part`, usage);
  }
  if (!kernelLines.some((known) => known === line)) {
    throw new LabError(`Cannot stress kernel line "${line}": it is not in the lock`, usage);
  }
  const parts = part === undefined ? stressParts : [part as typeof stressParts[number]];
  return stress(parts, line as KernelLine, json === true);
}
