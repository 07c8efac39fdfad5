// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { button, download } from "../../report/client/download.ts";
import { withArms, withPlaces } from "../../figures/places.ts";
import type { Result } from "../../engine/result.ts";
import { channels, type Choice, chooseEncoding, marks, type Spec, specOf } from "./encoding.ts";
import { element, made, wordsOf } from "./page.ts";

declare const vegaEmbed: (
  element: HTMLElement,
  spec: Spec,
  options: Record<string, unknown>,
) => Promise<{ view: { toSVG(): Promise<string> } }>;

/** Rows beyond these are not drawn: nobody could tell them apart. */
const MOST_DRAWN = 20_000;

const LABELS = { x: "x", y: "y", colour: "Colour", panels: "Panels" } as const;

/** The value of "Mark" that stands for the lab's own chart. */
const OWN = "own";

/** How an answer is to be drawn. */
export interface Drawn {
  /** What was chosen; null: nothing. It holds only while the answer has such columns. */
  choice: Choice | null;
  /** A specification that was written by hand; "": none. */
  spec: string;
  /** The lab's own chart of this question, for where nothing else is wanted. */
  own: Spec | undefined;
}

/** The part of the page that draws answers. */
export interface Chart {
  show(result: Result, drawn: Drawn): Promise<void>;
  /** What the reader has chosen; null: nothing. */
  choice(): Choice | null;
  /** What the reader has written; "": nothing. */
  spec(): string;
}

/** @param changed called when the reader chose something */
export function openChart(config: Spec, changed: () => void): Chart {
  const section = element("chart-section");
  const place = element("chart");
  const note = element("chart-note");
  const tools = element("chart-tools");
  const text = element<HTMLTextAreaElement>("spec");
  let result: Result = { columns: [], rows: [] };
  let chosen: Choice | null = null;
  let written = "";
  let own: Spec | undefined;
  let svg = "";

  const draw = async (spec: Spec, rows = result.rows) => {
    const datasets = { answer: rows.slice(0, MOST_DRAWN) };
    try {
      const { view } = await vegaEmbed(place, { ...spec, datasets }, {
        renderer: "svg",
        actions: false,
        // No expression is compiled: the page forbids eval.
        ast: true,
        config,
        tooltip: { disableDefaultStyle: true },
      });
      svg = await view.toSVG();
      place.setAttribute("role", "img");
      place.removeAttribute("aria-roledescription");
      place.setAttribute("aria-label", "Chart of the answer that stands below as a table");
      place.querySelector("svg")?.setAttribute("aria-hidden", "true");
      note.textContent = result.rows.length > MOST_DRAWN
        ? `Drawn are the first ${MOST_DRAWN} rows of ${result.rows.length}.`
        : "";
    } catch (error) {
      place.replaceChildren();
      note.textContent = `Cannot draw it: ${wordsOf(error)}`;
    }
  };

  const drawMade = async (make: () => Spec, rows = result.rows) => {
    try {
      return await draw(make(), rows);
    } catch (error) {
      place.replaceChildren();
      note.textContent = `Cannot read the specification: ${wordsOf(error)}`;
    }
  };

  const drawAgain = async () => {
    if (written !== "") {
      text.value = written;
      fillTools(null);
      return await drawMade(() => JSON.parse(written));
    }
    const choice = chosen ?? chooseEncoding(result);
    fillTools(choice);
    if (chosen === null && own !== undefined) {
      const { answer } = withPlaces({ answer: result.rows });
      text.value = JSON.stringify(own, null, 2);
      const chart = own;
      return await drawMade(() => withArms(chart, result.rows), answer);
    }
    if (choice === null) {
      place.replaceChildren();
      note.textContent = "There is nothing to draw: no column holds numbers.";
      return;
    }
    const spec = specOf(result, choice, place.clientWidth || 600);
    text.value = JSON.stringify(spec, null, 2);
    await draw(spec);
  };

  const choose = (choice: Choice) => {
    chosen = choice;
    written = "";
    drawAgain().then(changed);
  };

  const fillTools = (choice: Choice | null) => {
    // The tool that was just used keeps the keyboard.
    const used = (document.activeElement as HTMLElement | null)?.dataset.channel;
    const selects = choice === null ? [] : [
      markSelect(choice),
      ...channels.map((channel) =>
        select(
          LABELS[channel],
          channel,
          ["", ...result.columns],
          choice[channel],
          (name) => choose({ ...choice, [channel]: name }),
        )
      ),
    ];
    tools.replaceChildren(
      ...selects,
      button("SVG", "Chart as SVG", () => download("answer.svg", svg, "image/svg+xml")),
    );
    if (used !== undefined) tools.querySelector<HTMLElement>(`[data-channel=${used}]`)?.focus();
  };

  const markSelect = (choice: Choice) => {
    const values = own === undefined ? marks : [OWN, ...marks];
    const now = chosen === null && own !== undefined ? OWN : choice.mark;
    return select("Mark", "mark", values, now, (value) => {
      const mark = marks.find((each) => each === value);
      if (mark === undefined) automatic();
      else choose({ ...choice, mark });
    });
  };

  const automatic = () => {
    [written, chosen] = ["", null];
    drawAgain().then(changed);
  };

  element("draw-spec").addEventListener("click", () => {
    written = text.value.trim();
    drawAgain().then(changed);
  });
  element("automatic").addEventListener("click", automatic);

  return {
    show: async (shown, { choice, spec, own: chart }) => {
      result = shown;
      own = chart;
      const fits = choice !== null &&
        channels.every((channel) => ["", ...shown.columns].includes(choice[channel]));
      chosen = fits ? choice : null;
      written = spec;
      section.hidden = false;
      await drawAgain();
    },
    choice: () => chosen,
    spec: () => written,
  };
}

/** Words for values that are none. */
const NAMES: Record<string, string> = { "": "nothing", [OWN]: "as in the report" };

function select(
  label: string,
  channel: string,
  values: readonly string[],
  value: string,
  changed: (value: string) => void,
): HTMLLabelElement {
  const choice = made("select");
  choice.dataset.channel = channel;
  choice.append(...values.map((each) => new Option(NAMES[each] ?? each, each)));
  choice.value = value;
  choice.addEventListener("change", () => changed(choice.value));
  const whole = made("label", `${label} `);
  whole.append(choice);
  return whole;
}
