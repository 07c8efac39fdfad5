// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { framesOf, piecesOf, record, svgOf, typed } from "./recording.ts";

const shown = (frame: Awaited<ReturnType<typeof framesOf>>[number]) =>
  frame.lines.map((runs) => runs.map(({ text }) => text).join("")).join("\n").trimEnd();

Deno.test("a session is drawn as a terminal draws it, with pauses cut", async () => {
  const frames = await framesOf([
    { after_s: 0, text: "one\r\n\x1b[32mtwo\x1b[0m" },
    { after_s: 60, text: "\r\x1b[1A\x1b[Jthree & <four>" },
    { after_s: 0.01, text: "!" },
  ]);
  assertEquals(frames.map(shown), ["one\ntwo", "three & <four>!"]);
  assertEquals(frames[0]!.lines[1], [{ text: "two", colour: 2, bold: false }]);
  assertEquals(frames[1]!.at_s, 1.2);
  const svg = svgOf(frames, 'A "session"');
  assert(svg.includes("three &amp; &lt;four>!"), svg);
  assert(svg.includes('aria-label="A &quot;session&quot;"'));
  assert(svg.indexOf("three") < svg.indexOf("two"), "what stands still is the last picture");
});

Deno.test("piecesOf() takes apart what script(1) has written", () => {
  const bytes = new TextEncoder().encode("Script started\nab\u00e9cd");
  assertEquals(piecesOf(bytes, "0.100000 2\n0.200000 3\n0.050000 1\n"), [
    { after_s: 0.1, text: "ab" },
    { after_s: 0.2, text: "\u00e9c" },
    { after_s: 0.05, text: "d" },
  ]);
  assertEquals(typed("ls").map(({ text }) => text).join(""), "$ ls\r\n");
});

Deno.test("record() gives a command a terminal of the recording's size", async () => {
  const text = (await record(["stty", "size"])).map((piece) => piece.text).join("");
  assertEquals(text.trim(), "26 96");
});
