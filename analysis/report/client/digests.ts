// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { button } from "./download.ts";

/** How long a button says that it has copied. */
const SAYS_MS = 1500;

/** Puts a button beside each short digest that copies all of it. */
export function addCopyButtons(): void {
  for (const shown of document.querySelectorAll<HTMLElement>("[data-digest]")) {
    const digest = shown.dataset.digest ?? "";
    const copy = button("Copy", `Copy the digest ${shown.textContent}`, async () => {
      try {
        await navigator.clipboard.writeText(digest);
        copy.textContent = "Copied";
      } catch {
        // Without a clipboard the digest is shown in full, to be copied by hand.
        shown.textContent = digest;
      }
      setTimeout(() => copy.textContent = "Copy", SAYS_MS);
    });
    copy.classList.add("copy");
    shown.after(" ", copy);
  }
}
