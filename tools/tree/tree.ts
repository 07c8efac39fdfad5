// SPDX-License-Identifier: Apache-2.0
/** The files of this tree, as the checks of the whole tree look at them. */
import { join } from "@std/path";
import { checkoutFiles } from "../../base/checkout.ts";

export const root = join(import.meta.dirname!, "..", "..");

/** Paths below the root, without those that come from a run. */
export const files: readonly string[] = (await checkoutFiles(root)).filter((path) =>
  !path.startsWith("reports/")
);

/** Files whose name ends in one of these. */
export function filesWith(...endings: readonly string[]): string[] {
  return files.filter((path) => endings.some((ending) => path.endsWith(ending)));
}

/** Shell scripts: by their ending, or by their first line. */
export async function shellScripts(): Promise<string[]> {
  const candidates = files.filter((path) => /\.sh$|(^|\/)[^./]+$/.test(path));
  const texts = await Promise.all(candidates.map(textOf));
  return candidates.filter((path, at) =>
    path.endsWith(".sh") || /^#!.*\b(ba|da)?sh\b/.test(texts[at]!)
  );
}

export function textOf(path: string): Promise<string> {
  return Deno.readTextFile(join(root, path));
}

/**
 * Whether there is a file that a path in prose means. Words in capitals and `<words>` stand for any
 * name, `*` for a part of one, `{a,b}` for any of the listed; a path that ends in a slash means a folder.
 */
export function isInTree(path: string): boolean {
  const pattern = path.split(/(<[^>]+>|\{[^}]+\}|\*+|\b[A-Z][A-Z_]+\b(?!\.md))/).map((part, at) => {
    if (at % 2 === 0) return part.replace(/[.+?^$()|[\]\\]/g, "\\$&");
    return part.startsWith("{") ? `(${part.slice(1, -1).replaceAll(",", "|")})` : "[^/]+";
  }).join("");
  const whole = new RegExp(`^${pattern}${path.endsWith("/") ? "" : "(/|$)"}`);
  return files.some((file) => whole.test(file));
}
