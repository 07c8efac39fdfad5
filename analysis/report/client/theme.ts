// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />

const KEY = "samepage-lab-theme";

/** A button that turns dark to light and back; until then the reader's system decides. */
export function addThemeButton(toolbar: HTMLElement): void {
  const root = document.documentElement;
  const stored = remembered();
  if (stored !== null) root.dataset.theme = stored;
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.id = "theme";
  toggle.textContent = "Dark";
  const show = () => toggle.setAttribute("aria-pressed", String(isDark()));
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
  toolbar.append(toggle);
}

function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  if (theme !== undefined) return theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

// Some browsers give a page from a file no storage: then the choice lasts as long as the page.
function remembered(): string | null {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "dark" || theme === "light" ? theme : null;
  } catch {
    return null;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // See above.
  }
}
