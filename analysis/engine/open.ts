// SPDX-License-Identifier: Apache-2.0
import type { Engine, EngineKind } from "./engine.ts";

/** Opens an empty DuckDB database in memory, which reaches neither files nor the network. */
export async function openEngine(kind: EngineKind = "wasm"): Promise<Engine> {
  return kind === "native"
    ? await (await import("./native.ts")).openNative()
    : await (await import("./wasm.ts")).openWasm();
}
