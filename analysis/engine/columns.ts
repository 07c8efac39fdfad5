// SPDX-License-Identifier: Apache-2.0
/** A column of many rows: numbers, or words by their place in a list. */
export type ColumnData =
  | { type: "number"; values: Uint8Array | Uint16Array | Uint32Array }
  | { type: "bigint"; values: BigInt64Array }
  | { type: "word"; values: Uint8Array; words: readonly string[] };

/** A table's columns by name, all of the same length. */
export interface ColumnBatch {
  /** How long the columns are. */
  rows: number;
  /** The columns in the order of the table's. */
  columns: Record<string, ColumnData>;
}

type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** What a column of a table is made of: its width, or the words it chooses from. */
export type ColumnKind = "u8" | "u16" | "u32" | "i64" | readonly string[];

/** A table that grows row by row, in columns of numbers. */
export class Rows<Name extends string> {
  readonly #names: Name[];
  readonly #kinds: ColumnKind[];
  #arrays: NumberArray[];
  #capacity = 1024;
  count = 0;

  /** @param kinds the columns in their order */
  constructor(kinds: Record<Name, ColumnKind>) {
    this.#names = Object.keys(kinds) as Name[];
    this.#kinds = Object.values(kinds);
    this.#arrays = this.#kinds.map((kind) => arrayOf(kind, this.#capacity));
  }

  /**
   * Appends a row: the columns in their order, numbers below 2^53 and words by their place. Numbers
   * rather than an object, since traces have millions of rows.
   *
   * @returns the row's place
   */
  add(...row: number[]): number {
    if (this.count === this.#capacity) this.#grow();
    for (let column = 0; column < row.length; column++) {
      this.#arrays[column]![this.count] = row[column]!;
    }
    return this.count++;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#arrays = this.#arrays.map((old, column) => {
      const array = arrayOf(this.#kinds[column]!, this.#capacity);
      array.set(old);
      return array;
    });
  }

  set(name: Name, row: number, value: number): void {
    this.#arrays[this.#names.indexOf(name)]![row] = value;
  }

  batch(): ColumnBatch {
    const columns = this.#names.map((name, index): [string, ColumnData] => {
      const kind = this.#kinds[index]!;
      const values = this.#arrays[index]!.subarray(0, this.count);
      if (values instanceof Float64Array) {
        return [name, { type: "bigint", values: bigInts(values) }];
      }
      return [
        name,
        typeof kind === "object"
          ? { type: "word", values: values as Uint8Array, words: kind }
          : { type: "number", values },
      ];
    });
    return { rows: this.count, columns: Object.fromEntries(columns) };
  }
}

function arrayOf(kind: ColumnKind, length: number): NumberArray {
  if (kind === "i64") return new Float64Array(length);
  if (kind === "u32") return new Uint32Array(length);
  return kind === "u16" ? new Uint16Array(length) : new Uint8Array(length);
}

/** By halves: to make a BigInt of each number takes ten times as long. */
function bigInts(numbers: Float64Array): BigInt64Array {
  const halves = new Uint32Array(numbers.length * 2);
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at]!;
    halves[2 * at] = number % 2 ** 32;
    halves[2 * at + 1] = Math.floor(number / 2 ** 32);
  }
  return new BigInt64Array(halves.buffer);
}
