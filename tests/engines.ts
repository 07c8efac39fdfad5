/** Holds the two engines against each other. */
import { assert, assertEquals } from "@std/assert";
import { listQuestions, openDatabase } from "../analysis/mod.ts";
import type { Value } from "../analysis/mod.ts";

/** The engines add floating-point numbers in another order: their last digits may differ. */
const tolerance = 1e-12;

/** Asks both engines all questions about a run; returns how many values were compared. */
export async function assertSameAnswers(runFolder: string): Promise<number> {
  const wasm = await openDatabase(runFolder, "wasm");
  const native = await openDatabase(runFolder, "native");
  let compared = 0;
  for (const { name, sql } of await listQuestions()) {
    const [one, other] = [await wasm.query(sql), await native.query(sql)];
    assertEquals(other.columns, one.columns, name);
    assertEquals(other.rows.length, one.rows.length, name);
    one.rows.forEach((row, at) => {
      for (const column of one.columns) {
        const [left, right] = [row[column] ?? null, other.rows[at]?.[column] ?? null];
        assert(same(left, right), `${name} row ${at} ${column}: wasm ${left}, native ${right}`);
        compared++;
      }
    });
  }
  wasm.close();
  native.close();
  return compared;
}

function same(left: Value, right: Value): boolean {
  if (typeof left !== "number" || typeof right !== "number") {
    return JSON.stringify(left) === JSON.stringify(right);
  }
  return Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right));
}
