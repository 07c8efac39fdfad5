// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />

/** Between the word and what it means, and to the window's edges, px. */
const GAP = 6;

/** Shows what a word means while the pointer or the keyboard is on it; it is a link to that as well. */
export function explainTerms(): void {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  const hide = () => tip.hidden = true;
  for (const term of document.querySelectorAll<HTMLAnchorElement>("a.term")) {
    const show = () => {
      const id = term.getAttribute("href")?.slice(1) ?? "";
      tip.textContent = document.getElementById(id)?.nextElementSibling?.textContent ?? "";
      tip.hidden = tip.textContent === "";
      const at = term.getBoundingClientRect();
      const below = at.bottom + GAP;
      const above = at.top - GAP - tip.offsetHeight;
      const left = Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - GAP);
      tip.style.left = `${Math.max(GAP, left)}px`;
      tip.style.top = `${below + tip.offsetHeight > innerHeight && above > 0 ? above : below}px`;
    };
    term.addEventListener("pointerenter", show);
    term.addEventListener("focus", show);
    term.addEventListener("pointerleave", hide);
    term.addEventListener("blur", hide);
  }
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });
  addEventListener("scroll", hide, { passive: true });
}
