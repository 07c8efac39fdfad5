// SPDX-License-Identifier: Apache-2.0
import {
  createDuckDB,
  type DuckDBBundles,
  type DuckDBConnection,
  NODE_RUNTIME,
  VoidLogger,
} from "@duckdb/duckdb-wasm/blocking";
import { fromFileUrl } from "@std/path";
import { tableFromIPC } from "apache-arrow";
import { arrowBatches, arrowBytes } from "./arrow.ts";
import { columnsOfTable, confinement, type Engine, refusal } from "./engine.ts";
import { compress, limits, requireFewValues } from "./limits.ts";
import { type Result, resultOf } from "./result.ts";

type DuckDBNodeBindings = Awaited<ReturnType<typeof createDuckDB>>;

/** `eh` is the build with WebAssembly exceptions; Deno has them, so no other build is tried. */
function bundles(): DuckDBBundles {
  const mainModule = fromFileUrl(import.meta.resolve("@duckdb/duckdb-wasm/dist/duckdb-eh.wasm"));
  return { mvp: { mainModule, mainWorker: "" }, eh: { mainModule, mainWorker: "" } };
}

/** Closed engines, emptied: to compile WebAssembly anew takes longer than to analyse a run. */
const idle: DuckDBNodeBindings[] = [];

async function instantiate(): Promise<DuckDBNodeBindings> {
  const bindings = await createDuckDB(bundles(), new VoidLogger(), NODE_RUNTIME);
  await bindings.instantiate(() => {});
  return bindings;
}

/** DuckDB as WebAssembly. */
export async function openWasm(): Promise<Engine> {
  const bindings = idle.pop() ?? await instantiate();
  const connection = bindings.connect();
  for (const statement of [...limits, ...confinement]) connection.query(statement);
  const query = (sql: string, most?: number) => {
    try {
      return Promise.resolve(answer(connection, sql, most));
    } catch (error) {
      return Promise.reject(refusal(error));
    }
  };
  return {
    query,
    insert: async (table, rows) => {
      if (rows.length === 0) return;
      const columns = await columnsOfTable(query, table);
      const options = { name: table, create: false };
      connection.insertArrowFromIPCStream(arrowBytes(columns, rows, table), options);
    },
    insertColumns: (table, batch) => {
      const options = { name: table, create: false };
      for (const bytes of arrowBatches(batch)) connection.insertArrowFromIPCStream(bytes, options);
      return Promise.resolve();
    },
    compress: async () => void await query(compress),
    close: () => {
      connection.close();
      bindings.reset();
      idle.push(bindings);
    },
  };
}

/** Of several statements, the first one's rows. */
function answer(connection: DuckDBConnection, sql: string, most?: number): Result {
  const bytes = connection.useUnsafe((bindings, id) => bindings.runQuery(id, sql));
  const table = tableFromIPC(bytes);
  requireFewValues(table.numRows, table.numCols, most);
  return resultOf(table);
}
