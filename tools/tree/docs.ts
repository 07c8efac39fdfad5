// SPDX-License-Identifier: Apache-2.0
/** What the docs say, taken apart: links, paths, commands, tables. */
import { dirname, join } from "@std/path";

const fence = /^```.*?^```$/gms;

/** Text without its blocks of code. */
function proseOf(text: string): string {
  return text.replaceAll(fence, "");
}

/** Targets of the links to other files or to headings, as paths from the root. */
export function linksIn(
  path: string,
  text: string,
): { file: string; heading: string | undefined }[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = "", heading] = target.split("#");
      return { file: file === "" ? path : join(dirname(path), file), heading };
    });
}

/** The names by which headings can be linked to. */
export function headingsIn(text: string): string[] {
  return [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!.toLowerCase().replace(/[^\p{L}\p{N}\- _]/gu, "").replaceAll(" ", "-")
  );
}

/** Paths in backticks that begin with one of these rooms. */
export function pathsIn(text: string, rooms: readonly string[]): string[] {
  return [...proseOf(text).matchAll(/`([^`\s]+)`/g)].map(([, path]) => path!)
    .filter((path) => path.includes("/") && rooms.includes(path.split("/")[0]!));
}

/** Arguments of all calls of the lab, in blocks of code and in lines. */
export function callsIn(text: string): string[][] {
  return commandsIn(text)
    .map((line) => line.split(/\s+/).filter((word) => word !== "--install"));
}

/** All calls of the lab as they are typed after its name, without comments. */
export function commandsIn(text: string): string[] {
  const blocks = (text.match(fence) ?? []).join("\n");
  const calls = [
    ...blocks.matchAll(/^ *(?:.* && )?\.\/lab ([^#\n]*)/gm),
    ...proseOf(text).matchAll(/`(?:\.\/)?lab ([^`]*)`/g),
  ];
  return calls.map(([, line]) => line!.trim());
}

/** The tables below each heading, as rows of cells without their backticks. */
export function tablesIn(text: string): Map<string, string[][]> {
  const tables = new Map<string, string[][]>();
  for (const section of proseOf(text).split(/^(?=#+ )/m)) {
    const rows = [...section.matchAll(/^\| (.+) \|$/gm)].map(([, row]) =>
      row!.split(" | ").map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1"))
    );
    const heading = /^#+ (.+)/.exec(section)?.[1];
    if (heading !== undefined && rows.length > 2) tables.set(heading, rows.slice(2));
  }
  return tables;
}
