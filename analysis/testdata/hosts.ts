// SPDX-License-Identifier: Apache-2.0
import { MADE_UP_HOST } from "../../contract/testdata/run_file.ts";
import type { Answer } from "../engine/result.ts";

/** Answer to the question `hosts`: there an instruction takes 8 ticks and as many nanoseconds. */
export const MADE_UP_HOSTS: readonly Answer[] = [
  { trial: "t", ...MADE_UP_HOST, instruction_ns: MADE_UP_HOST.ticks_an_instruction },
];
