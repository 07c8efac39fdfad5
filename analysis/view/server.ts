// SPDX-License-Identifier: Apache-2.0
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { encodeHex } from "@std/encoding/hex";
import { LabError } from "../../base/errors.ts";
import type { Site } from "./site.ts";

/** The page is for this machine alone. */
const HOST = "127.0.0.1";

/** Nobody guesses so many. */
const TOKEN_BYTES = 16;

/** What a request must name. */
export interface Address {
  /** The port that is listened on. */
  port: number;
  /** The first step of every path: only who has seen it where the page was started knows it. */
  token: string;
}

/** A page that is being served. */
export interface Served {
  /** Its address. */
  url: string;
  /** Resolves when nothing is served any more. */
  finished: Promise<void>;
}

/**
 * Serves a site on the loopback interface until the signal, at an address that other users of this
 * machine do not know.
 *
 * @param port 0 takes any that is free
 * @throws {LabError} If the port is taken.
 */
export function serve(site: Site, port: number, signal: AbortSignal): Served {
  const token = encodeHex(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
  const server = listen(site, port, token, signal);
  return { url: `http://${HOST}:${server.addr.port}/${token}/`, finished: server.finished };
}

function listen(
  site: Site,
  port: number,
  token: string,
  signal: AbortSignal,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
      { hostname: HOST, port, signal, onListen: () => {} },
      (request) => answer(site, request, { port: server.addr.port, token }),
    );
    return server;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new LabError(
      `Cannot view: port ${port} is in use`,
      "Name another with --port, or none: then a free one is taken",
    );
  }
}

/** What every answer says: nothing may come from elsewhere, and nobody else may use it. */
function headers(site: Site): Record<string, string> {
  return {
    "content-security-policy": site.policy,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
}

/**
 * Answers a request of a browser on this machine. A page of another site can have this address given to
 * a name of its own (DNS rebinding); it is then asked for by that name, and refused.
 */
export async function answer(
  site: Site,
  request: Request,
  { port, token }: Address,
): Promise<Response> {
  const refuse = (status: number, text: string, more: Record<string, string> = {}) =>
    new Response(`${text}\n`, {
      status,
      headers: { ...headers(site), "content-type": "text/plain; charset=utf-8", ...more },
    });
  const host = request.headers.get("host");
  if (host !== `${HOST}:${port}` && host !== `localhost:${port}`) {
    return refuse(403, "This page is served to its own machine only");
  }
  if (request.method !== "GET") return refuse(405, "Only GET", { allow: "GET" });
  const [, named = "", ...steps] = new URL(request.url).pathname.split("/");
  if (!isSame(named, token)) {
    return refuse(
      403,
      "This page is for who has started it: open the address that the lab has printed",
    );
  }
  const resource = site.find(`/${steps.join("/")}`);
  if (resource === undefined) return refuse(404, "There is no such thing here");
  const { type, body } = resource;
  const content = body instanceof URL ? (await Deno.open(body)).readable : body;
  return new Response(content, { headers: { ...headers(site), "content-type": type } });
}

/** How long it takes says nothing of how much of it was right. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
