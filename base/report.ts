// SPDX-License-Identifier: Apache-2.0
/**
 * How long work tells what it is doing, without knowing who listens: a line of progress, or a
 * warning that the person should see even when progress is hidden.
 */
export type Report = (line: string, level?: "info" | "warning") => void;

/** How much is said on standard error: warnings alone, progress, or every step of it. */
export type Talk = "quiet" | "normal" | "verbose";

let talk: Talk = "normal";

/** Says it for the whole process, as there is one standard error. */
export function setTalk(how: Talk): void {
  talk = how;
}

/** What was said last. */
export function talkNow(): Talk {
  return talk;
}

/** Lines on standard error, warnings marked as such. Standard output stays free for results. */
export const reportToStderr: Report = (line, level = "info") => {
  if (talk === "quiet" && level === "info") return;
  console.error(level === "warning" ? `Warning: ${line}` : line);
};

/** For callers that want the result and nothing else. */
export const reportNothing: Report = () => {};

/** The same listener, each line marked with who speaks. */
export function prefixed(report: Report, name: string): Report {
  return (line, level) => report(`${name}: ${line}`, level);
}
