// SPDX-License-Identifier: Apache-2.0
import type { KernelLine } from "../kernel/lines.ts";
import type { StressPart } from "../stress/parts.ts";
import type { RaceRequest } from "../stress/race_lines.ts";
import type { SoakRequest } from "../stress/soak.ts";
import { stress } from "../stress/stress.ts";

export interface StressRequest {
  parts: readonly StressPart[];
  line: KernelLine;
  race: RaceRequest;
  soak: SoakRequest;
  json: boolean;
}

/** `lab stress [PART]`: what the patched kernel has to stand. */
export function stressKernel({ parts, line, race, soak, json }: StressRequest): Promise<number> {
  return stress(parts, line, race, soak, json);
}
