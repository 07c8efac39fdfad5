// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
/** What is asked and how it is drawn, in the part of the address behind `#`. */
import type { Ask } from "./database.ts";
import { channels, type Choice, type Mark, marks } from "./encoding.ts";

/** Everything that a link holds. */
export interface Asked {
  sql: string;
  ask: Ask;
  /** Names of the runs it was made for. */
  runs: string[];
  /** null: the automatic one. */
  choice: Choice | null;
  /** A specification that was written by hand; "" if there is none. */
  spec: string;
}

/** As text that can stand behind `#`. */
export function toFragment({ sql, ask, runs, choice, spec }: Asked): string {
  const parts = new URLSearchParams({ sql, ask });
  for (const run of runs) parts.append("run", run);
  if (spec !== "") parts.set("spec", spec);
  else if (choice !== null) {
    parts.set("mark", choice.mark);
    for (const channel of channels) parts.set(channel, choice[channel]);
  }
  return parts.toString();
}

/** From there; null if it holds no query. */
export function fromFragment(fragment: string): Asked | null {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const sql = parts.get("sql");
  if (sql === null) return null;
  const mark = marks.find((each) => each === parts.get("mark"));
  return {
    sql,
    ask: parts.get("ask") === "together" ? "together" : "each",
    runs: parts.getAll("run"),
    choice: mark === undefined ? null : choiceOf(parts, mark),
    spec: parts.get("spec") ?? "",
  };
}

function choiceOf(parts: URLSearchParams, mark: Mark): Choice {
  const [x, y, colour, panels] = channels.map((channel) => parts.get(channel) ?? "");
  return { mark, x: x!, y: y!, colour: colour!, panels: panels! };
}
