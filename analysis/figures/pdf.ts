// SPDX-License-Identifier: Apache-2.0
import { Buffer } from "node:buffer";
import PDFDocument from "pdfkit";
import svgToPdf from "svg-to-pdfkit";

/** Arimo has the metrics of Arial and Helvetica, which the figures ask for, and may be embedded. */
const FONT_FILES = {
  regular: "@fontsource/arimo/files/arimo-latin-400-normal.woff",
  bold: "@fontsource/arimo/files/arimo-latin-700-normal.woff",
} as const;

/** The same figure shall be the same bytes, so the file is not dated. */
const UNDATED = new Date(0);

/**
 * Turns a figure into a PDF page of its own size, one SVG pixel to a point. Text stays text, in an
 * embedded font. The same figure gives the same bytes on every machine.
 *
 * @param svg as {@link drawChart} makes it: with `width` and `height` in pixels
 */
export async function svgToPdfPage(svg: string, title: string): Promise<Uint8Array<ArrayBuffer>> {
  const [width, height] = sizeOf(svg);
  const info = { Title: title, Producer: "Samepage Lab", Creator: "Samepage Lab" };
  const document = new PDFDocument({
    ...{ size: [width, height], margin: 0 },
    info: { ...info, CreationDate: UNDATED, ModDate: UNDATED },
  });
  const chunks: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    document.on("end", resolve);
    document.on("error", reject);
  });
  for (const [name, bytes] of Object.entries(await fonts())) document.registerFont(name, bytes);
  svgToPdf(document, svg, 0, 0, {
    assumePt: true,
    fontCallback: (_family: string, bold: boolean) => bold ? "bold" : "regular",
  });
  document.end();
  await ended;
  return new Uint8Array(Buffer.concat(chunks));
}

function sizeOf(svg: string): [width: number, height: number] {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  if (width === undefined || height === undefined) throw new Error("The figure has no size");
  return [Number(width), Number(height)];
}

let loaded: Promise<Record<keyof typeof FONT_FILES, Buffer>> | undefined;

function fonts(): Promise<Record<keyof typeof FONT_FILES, Buffer>> {
  return loaded ??= (async () => {
    const read = async (file: string) =>
      Buffer.from(await Deno.readFile(new URL(import.meta.resolve(file))));
    return { regular: await read(FONT_FILES.regular), bold: await read(FONT_FILES.bold) };
  })();
}
