// SPDX-License-Identifier: Apache-2.0
/** The libraries of the page, as files for its browser. */
import * as arrow from "apache-arrow";
import { fromFileUrl } from "@std/path";

/** Something that can be fetched. */
export interface Resource {
  type: string;
  /** A text, bytes, or the file that holds it. */
  body: string | Uint8Array<ArrayBuffer> | URL;
}

export const SCRIPT = "text/javascript; charset=utf-8";

/** What the editor is made of: modules that import each other by these names. */
export const editorLibraries = [
  ...["@codemirror/autocomplete", "@codemirror/commands", "@codemirror/lang-sql"],
  ...["@codemirror/language", "@codemirror/state", "@codemirror/streamparser", "@codemirror/view"],
  ...["@lezer/common", "@lezer/highlight", "@lezer/lr", "@marijn/find-cluster-break"],
  ...["crelt", "style-mod", "w3c-keyname"],
] as const;

export async function libraries(): Promise<[string, Resource][]> {
  const resolve = (specifier: string) => import.meta.resolve(specifier);
  const beside = (name: string, file: string) => new URL(file, resolve(name));
  const duckdb = (file: string) => new URL(resolve(`@duckdb/duckdb-wasm/dist/${file}`));
  const files: [string, string, URL][] = [
    ["/lib/vega.js", SCRIPT, beside("vega", "vega.min.js")],
    ["/lib/vega-lite.js", SCRIPT, beside("vega-lite", "vega-lite.min.js")],
    ["/lib/vega-embed.js", SCRIPT, beside("vega-embed", "vega-embed.min.js")],
    ["/lib/duckdb.js", SCRIPT, duckdb("duckdb-browser.mjs")],
    ["/lib/duckdb-worker.js", SCRIPT, duckdb("duckdb-browser-eh.worker.js")],
    ["/lib/duckdb.wasm", "application/wasm", duckdb("duckdb-eh.wasm")],
    ...editorLibraries.map((name): [string, string, URL] => [
      `/lib/${name}.js`,
      SCRIPT,
      new URL(resolve(name)),
    ]),
    ...await modulesBeside("hyparquet"),
    ...await modulesBeside("hyparquet-writer"),
  ];
  return [
    ...files.map(([path, type, body]): [string, Resource] => [path, { type, body }]),
    ["/lib/apache-arrow.js", { type: SCRIPT, body: await arrowModule() }],
  ];
}

/** Arrow's build for the browser is a script that sets a variable; this makes a module of it. */
async function arrowModule(): Promise<string> {
  const file = new URL("Arrow.es2015.min.js", import.meta.resolve("apache-arrow"));
  const script = await Deno.readTextFile(fromFileUrl(file));
  const names = Object.keys(arrow).filter((name) => name !== "default");
  return `const host = {};
(function () {
${script}
}).call(host);
export const { ${names.join(", ")} } = host.Arrow;
`;
}

/** All modules of a package that is one folder of them: only those that are imported are fetched. */
async function modulesBeside(name: string): Promise<[string, string, URL][]> {
  const folder = new URL(".", import.meta.resolve(name));
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".js")) names.push(name);
  return names.sort().map((file) => [`/lib/${name}/${file}`, SCRIPT, new URL(file, folder)]);
}
