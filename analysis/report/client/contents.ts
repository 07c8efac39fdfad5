// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />

/** Where the contents stand at the side; below it they are a menu. As in report.css. */
const WIDE = "(width >= 64rem)";

/** The contents: open at the side, a menu where there is no room, and marking where the reader is. */
export function followContents(): void {
  const menu = document.querySelector<HTMLDetailsElement>("#contents details");
  if (menu === null) return;
  const wide = matchMedia(WIDE);
  const fit = () => menu.open = wide.matches;
  wide.addEventListener("change", fit);
  fit();
  const links = [...menu.querySelectorAll<HTMLAnchorElement>("a")];
  menu.addEventListener("click", ({ target }) => {
    if (!wide.matches && target instanceof HTMLAnchorElement) menu.open = false;
  });
  const seen = new Set<string>();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target.id);
      else seen.delete(target.id);
    }
    const current = links.find((link) => seen.has(link.hash.slice(1)));
    links.forEach((link) => link.removeAttribute("aria-current"));
    current?.setAttribute("aria-current", "true");
  }, { rootMargin: "-15% 0px -60% 0px" });
  for (const link of links) {
    const section = document.getElementById(link.hash.slice(1));
    if (section !== null) watch.observe(section);
  }
}
