// SPDX-License-Identifier: Apache-2.0
import { arms } from "../figures/arms.ts";
import { type Markup, markup } from "./markup.ts";

/** An arm with its look in the figures, its plain name, and its short name beside that. */
export function armLabel(name: string): Markup {
  const arm = arms.find((one) => one.name === name);
  if (arm === undefined) return markup`${name}`;
  return markup`<span class="arm arm-${name}">${arm.plain} <span class="short">${name}</span></span>`;
}

/** As much of a digest as tells two of them apart. */
const SHOWN_DIGITS = 12;

/** A digest, short; the page's script adds a button that copies all of it. */
export function shortDigest(digest: string): Markup {
  return markup`<span class="mono digest" data-digest="${digest}" title="${digest}">${
    digest.slice(0, SHOWN_DIGITS)
  }</span>`;
}
