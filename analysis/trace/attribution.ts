// SPDX-License-Identifier: Apache-2.0
import type { Engine } from "../engine/engine.ts";

/** Fills `fault_causes` from the tables of the raw trace: see attribution.sql. */
export async function fillAttribution(engine: Engine): Promise<void> {
  await engine.query(await Deno.readTextFile(new URL("attribution.sql", import.meta.url)));
}
