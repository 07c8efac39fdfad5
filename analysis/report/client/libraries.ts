// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { unpack } from "./data.ts";

let loading: Promise<void> | undefined;

/**
 * Runs the libraries that the page carries gzipped, once, when the first figure needs them: they take
 * longer than all the rest of the page, whose figures are there to be seen without them.
 */
export function loadLibraries(): Promise<void> {
  return loading ??= (async () => {
    for (const packed of document.querySelectorAll<HTMLScriptElement>("script.library")) {
      const script = document.createElement("script");
      script.textContent = await unpack(packed);
      packed.replaceWith(script);
    }
  })();
}
