// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { dateText, intervalText, timestampText, timeText } from "./times.ts";
import { openEngine } from "./open.ts";

Deno.test("dates, times and intervals are written as DuckDB writes them", async () => {
  const engine = await openEngine();
  try {
    const values = [
      "DATE '2026-11-27'",
      "DATE '1066-10-14'",
      "TIMESTAMP '2026-11-27 06:04:05.250001'",
      "TIMESTAMP '1969-12-31 23:59:59.5'",
      "TIMESTAMP_S '2026-11-27 06:04:05'",
      "TIME '06:04:05.25'",
      "INTERVAL '14 months 3 days 4 hours'",
      "INTERVAL '90 seconds'",
    ];
    for (const value of values) {
      const { rows: [row] } = await engine.query(
        `SELECT ${value} AS shown, CAST(${value} AS VARCHAR) AS said`,
      );
      assertEquals(row?.shown, row?.said, value);
    }
  } finally {
    engine.close();
  }
});

Deno.test("what is too far away for a date is still said", () => {
  assertEquals(dateText(1e16), "115740740 days from 1970-01-01");
  assertEquals(timestampText(0, true), "1970-01-01 00:00:00+00");
  assertEquals(timeText(0), "00:00:00");
  assertEquals(intervalText(0, 0, 0), "00:00:00");
});
