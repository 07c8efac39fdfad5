// SPDX-License-Identifier: Apache-2.0
/** Numbers of a record that no field names. */
import { type Declaration, head } from "./declaration.ts";

/**
 * The further numbers of a record whose kind has some, by name without the ending that its declaration
 * asks for, in the order of the record.
 */
export function furtherOf(
  record: Readonly<Record<string, unknown>>,
  { fields, further }: Declaration,
): [name: string, value: number][] {
  if (further === undefined) return [];
  const { ending = "" } = further;
  return Object.entries(record).flatMap(([name, value]): [string, number][] =>
    typeof value === "number" && !(name in head) && !(name in fields) && name !== "line" &&
      name.endsWith(ending)
      ? [[name.slice(0, name.length - ending.length), value]]
      : []
  );
}
