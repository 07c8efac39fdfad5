// SPDX-License-Identifier: Apache-2.0
/**
 * Kernels with a fault: the patched one with one guard removed. What looks for races has to find
 * each of them. A mutant is a patch on top of the series, and its text says why the guard is there.
 */
import { basename, join } from "@std/path";
import { patchesIn } from "../debian/patches.ts";
import type { KernelLine } from "../kernel/lines.ts";
import type { KernelRequest } from "../kernel/variants.ts";

const dir = join(import.meta.dirname!, "mutants");

/** The line whose series they are made for. */
export const mutatedLine: KernelLine = "6.1";

/** Names of all mutants. */
export async function mutantNames(): Promise<string[]> {
  return (await patchesIn(dir)).map((path) => basename(path, ".patch"));
}

/** What {@linkcode buildKernel} is asked for. */
export function mutant(name: string): KernelRequest {
  return { line: mutatedLine, variant: "patched", more: [join(dir, `${name}.patch`)] };
}
