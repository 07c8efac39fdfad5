// SPDX-License-Identifier: Apache-2.0
/** What records hold and no declaration names: a writer that has moved on without its reader. */
import { type Declaration, head } from "./declaration.ts";
import type { Kinds } from "./record.ts";

/** "exits.new_field", or "new_kind" for a kind as a whole; each once, in the order of the records. */
export function undeclared(
  records: Iterable<Readonly<Record<string, unknown>>>,
  kinds: Kinds,
): string[] {
  const found = new Set<string>();
  for (const record of records) {
    const kind = String(record.kind);
    const declaration = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (declaration === undefined) found.add(kind);
    else if (!declaration.open) {
      for (const [name, value] of Object.entries(record)) {
        if (!isDeclared(name, value, declaration)) found.add(`${kind}.${name}`);
      }
    }
  }
  return [...found];
}

function isDeclared(name: string, value: unknown, { fields, further }: Declaration): boolean {
  const isFurther = typeof value === "number" && further !== undefined &&
    name.endsWith(further.ending ?? "");
  return name in head || name in fields || isFurther;
}
