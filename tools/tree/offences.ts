// SPDX-License-Identifier: Apache-2.0
/** Imports that the layers do not allow. */
import type { Graph } from "./imports.ts";
import type { Layer } from "./layers.ts";

/** Files that the whole tree may know: what the lab is called, and which version it is. */
const everybodys = ["deno.json"];

/**
 * One line for each import that goes upwards, sideways, past a door, or out of the tree's rooms.
 *
 * @param layers the lowest first.
 */
export function offencesIn(graph: Graph, layers: readonly Layer[]): string[] {
  const offences: string[] = [];
  for (const [file, imported] of graph) {
    for (const target of imported) {
      const why = objection(file, target, layers);
      if (why !== undefined) offences.push(`${file} imports ${target}: ${why}`);
    }
  }
  return offences;
}

function objection(file: string, target: string, layers: readonly Layer[]): string | undefined {
  const from = roomOf(file);
  const to = roomOf(target);
  if (from === to || everybodys.includes(target)) return undefined;
  const at = layers.findIndex(({ room }) => room === from);
  const targetAt = layers.findIndex(({ room }) => room === to);
  if (at < 0 || targetAt < 0) return `${at < 0 ? from : to} is not in tools/tree/layers.ts`;
  if (targetAt > at) return `${to} lies above ${from}`;
  const { only } = layers[at]!;
  if (only !== undefined && !only.includes(to) && !only.includes(target) && to !== "std") {
    return `${from} may import ${only.join(", ")} alone`;
  }
  const { doors } = layers[targetAt]!;
  if (doors !== undefined && !doors.includes(target) && !isTest(file)) {
    return `${to} is entered by ${doors.join(", ")} alone`;
  }
  return undefined;
}

/** Tests may look into a room, and use the data it has for tests; upwards they cannot see either. */
function isTest(file: string): boolean {
  return /_test\.ts$|\/testdata\/|^tests\//.test(file);
}

function roomOf(file: string): string {
  return file.split("/")[0]!;
}
