// SPDX-License-Identifier: Apache-2.0
import { stress, type StressRequest } from "../stress/stress.ts";

/** `lab stress [PART]`: what the patched kernel has to stand. */
export function stressKernel(request: StressRequest): Promise<number> {
  return stress(request);
}
