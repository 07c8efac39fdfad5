// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../../base/errors.ts";
import type { Site } from "./site.ts";

/** The page is for this machine alone. */
const HOST = "127.0.0.1";

/** A page that is being served. */
export interface Served {
  /** Its address. */
  url: string;
  /** Resolves when nothing is served any more. */
  finished: Promise<void>;
}

/**
 * Serves a site on the loopback interface until the signal.
 *
 * @param port 0 takes any that is free
 * @throws {LabError} If the port is taken.
 */
export function serve(site: Site, port: number, signal: AbortSignal): Served {
  const server = listen(site, port, signal);
  return { url: `http://${HOST}:${server.addr.port}/`, finished: server.finished };
}

function listen(site: Site, port: number, signal: AbortSignal): Deno.HttpServer<Deno.NetAddr> {
  try {
    const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
      { hostname: HOST, port, signal, onListen: () => {} },
      (request) => answer(site, request, server.addr.port),
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
export async function answer(site: Site, request: Request, port: number): Promise<Response> {
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
  const resource = site.find(new URL(request.url).pathname);
  if (resource === undefined) return refuse(404, "There is no such thing here");
  const { type, body } = resource;
  const content = body instanceof URL ? (await Deno.open(body)).readable : body;
  return new Response(content, { headers: { ...headers(site), "content-type": type } });
}
