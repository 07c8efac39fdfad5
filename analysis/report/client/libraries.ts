// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />

let loaded = false;

/**
 * Runs the libraries that the page carries as text, once, when the first figure needs them: they take
 * longer than all the rest of the page, whose figures are there to be seen without them.
 */
export function loadLibraries(): void {
  if (loaded) return;
  loaded = true;
  for (const text of document.querySelectorAll<HTMLScriptElement>("script.library")) {
    const script = document.createElement("script");
    script.textContent = text.textContent;
    text.replaceWith(script);
  }
}
