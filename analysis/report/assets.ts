// SPDX-License-Identifier: Apache-2.0
import { encodeBase64 } from "@std/encoding/base64";
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";

/** What a page carries inside itself beside its content. */
export interface Assets {
  css: string;
  /** Libraries in the order in which they run, once they are needed. */
  libraries: string[];
  /** The page's own script. */
  script: string;
  /** Copyright notices of the libraries among them. */
  notices: string;
}

/** Builds for the browser that lie beside the modules of the same packages. */
const LIBRARIES = [
  { name: "vega", file: "vega.min.js" },
  { name: "vega-lite", file: "vega-lite.min.js" },
  { name: "vega-embed", file: "vega-embed.min.js" },
] as const;

/** The page's own script, in an order in which each part stands after those it uses. */
const CLIENT = [
  "../figures/places.ts",
  "../figures/fit.ts",
  "../engine/harmless.ts",
  "client/download.ts",
  "client/data.ts",
  "client/theme.ts",
  "client/libraries.ts",
  "client/workloads.ts",
  "client/contents.ts",
  "client/digests.ts",
  "client/terms.ts",
  "client/charts.ts",
  "client/tables.ts",
  "client/main.ts",
] as const;

/** Reads what goes into a report. */
export async function readAssets(): Promise<Assets> {
  const libraries = await Promise.all(LIBRARIES.map(({ file, name }) => readBuild(name, file)));
  const parts = await Promise.all(CLIENT.map(readClient));
  const notices = await Promise.all(LIBRARIES.map(({ name }) => readNotice(name)));
  return {
    css: await readStyle(),
    libraries,
    script: oneScript(parts),
    notices: notices.join("\n"),
  };
}

/** The style of all pages of the lab, and what only a report has. */
async function readStyle(): Promise<string> {
  const read = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));
  return [await read("style.css"), await read("report.css")].join("\n");
}

/** A library's build for the browser. */
async function readBuild(name: string, file: string): Promise<string> {
  return await Deno.readTextFile(new URL(file, import.meta.resolve(name)));
}

async function readNotice(name: string): Promise<string> {
  const text = await Deno.readTextFile(new URL("../LICENSE", import.meta.resolve(name)));
  return `${name}\n${text}`;
}

/** A module of the lab as JavaScript: its types are taken out, everything else stays. */
async function readClient(path: string): Promise<string> {
  const source = await Deno.readTextFile(new URL(path, import.meta.url));
  return stripTypeScriptTypes(source);
}

/**
 * Modules as one script, since a page opened from a file can load none: without imports, as all stand
 * in one scope, and without exports.
 *
 * @throws {Error} If two of them declare the same name: one would silently take the other's place.
 */
export function oneScript(modules: readonly string[]): string {
  const declared = modules.flatMap((source) =>
    [...source.matchAll(/^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm)]
      .map(([, name]) => name)
  );
  const twice = declared.find((name, at) => declared.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`Two modules of the page declare "${twice}"`);
  const parts = modules.map((source) =>
    source.replace(/^import\b[^;]*;\n/gm, "").replace(/^export (?=\w)/gm, "")
  );
  return `"use strict";\n(() => {\n${parts.join("\n")}\n})();\n`;
}

/**
 * A script as it stands between its tags. In JavaScript `<\/script` and `<\!--` inside a string, where
 * alone they can stand, say the same, and do not end the element.
 */
export function inlineScript(source: string): string {
  return source.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

/** What a Content-Security-Policy allows a script by. */
export function scriptHash(source: string): string {
  return `'sha256-${encodeBase64(createHash("sha256").update(source).digest())}'`;
}
