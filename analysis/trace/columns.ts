/** A column of many rows: numbers, or words by their place in a list. */
export type ColumnData =
  | { type: "number"; values: Uint8Array | Uint16Array | Uint32Array }
  | { type: "bigint"; values: BigInt64Array }
  | { type: "word"; values: Uint8Array; words: readonly string[] };

/** A table's columns by name, all of the same length. */
export interface ColumnBatch {
  rows: number;
  columns: Record<string, ColumnData>;
}

type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** What a column of a table is made of: its width, or the words it chooses from. */
export type ColumnKind = "u8" | "u16" | "u32" | "i64" | readonly string[];

/** A table that grows row by row, in columns of numbers. */
export class Rows<Name extends string> {
  readonly #names: Name[];
  readonly #kinds: Record<Name, ColumnKind>;
  #arrays: Record<Name, NumberArray>;
  #capacity = 1024;
  count = 0;

  constructor(kinds: Record<Name, ColumnKind>) {
    this.#kinds = kinds;
    this.#names = Object.keys(kinds) as Name[];
    this.#arrays = this.#allocate(() => undefined);
  }

  #allocate(old: (name: Name) => NumberArray | undefined): Record<Name, NumberArray> {
    return Object.fromEntries(this.#names.map((name) => {
      const kind = this.#kinds[name];
      const array = kind === "u32"
        ? new Uint32Array(this.#capacity)
        : kind === "u16"
        ? new Uint16Array(this.#capacity)
        : kind === "i64"
        ? new Float64Array(this.#capacity)
        : new Uint8Array(this.#capacity);
      const before = old(name);
      if (before !== undefined) array.set(before);
      return [name, array];
    })) as Record<Name, NumberArray>;
  }

  /** Appends a row; numbers below 2^53, words by their place. Returns the row's place. */
  add(row: Record<Name, number>): number {
    if (this.count === this.#capacity) {
      this.#capacity *= 2;
      const old = this.#arrays;
      this.#arrays = this.#allocate((name) => old[name]);
    }
    for (const name of this.#names) this.#arrays[name][this.count] = row[name];
    return this.count++;
  }

  get(name: Name, row: number): number {
    return this.#arrays[name][row]!;
  }

  set(name: Name, row: number, value: number): void {
    this.#arrays[name][row] = value;
  }

  batch(): ColumnBatch {
    const columns: Record<string, ColumnData> = {};
    for (const name of this.#names) {
      const kind = this.#kinds[name];
      const values = this.#arrays[name].slice(0, this.count);
      if (values instanceof Float64Array) {
        columns[name] = { type: "bigint", values: BigInt64Array.from(values, BigInt) };
      } else if (typeof kind === "object") {
        columns[name] = { type: "word", values: values as Uint8Array, words: kind };
      } else {
        columns[name] = { type: "number", values };
      }
    }
    return { rows: this.count, columns };
  }
}
