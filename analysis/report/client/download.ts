// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { harmlessCell } from "../../engine/harmless.ts";

/** Hands a file to the reader, made here and now: nothing is fetched. */
export function download(name: string, content: string | Blob, type = "text/plain"): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Rows as CSV (RFC 4180), null as an empty field. */
export function csvOf(rows: readonly (readonly unknown[])[]): string {
  const field = (value: unknown) => {
    if (value === null || value === undefined) return "";
    const text = typeof value === "string"
      ? harmlessCell(value)
      : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(field).join(",") + "\n").join("");
}

/** A small button; it says more to those who do not see where it stands. */
export function button(text: string, label: string, act: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  if (label !== text) element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}
