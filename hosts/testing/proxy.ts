// SPDX-License-Identifier: Apache-2.0
/** A line to a test machine that can be cut, and be whole again. */
import { freePort } from "./machine.ts";

export interface Proxy extends Disposable {
  port: number;
  /** Drops all connections, and takes no others for a while. */
  cut: (ms: number) => void;
}

/** Listens on this machine's loopback, and passes everything on to a port there. */
export function proxyTo(to: number): Proxy {
  const port = freePort();
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const open = new Set<Deno.Conn>();
  let cutUntil_ms = 0;
  const drop = () => {
    for (const connection of open) {
      try {
        connection.close();
      } catch {
        // It has ended by itself.
      }
    }
    open.clear();
  };
  const serve = async () => {
    for await (const near of listener) {
      if (performance.now() < cutUntil_ms) {
        near.close();
        continue;
      }
      const far = await Deno.connect({ hostname: "127.0.0.1", port: to });
      open.add(near).add(far);
      near.readable.pipeTo(far.writable).catch(() => {});
      far.readable.pipeTo(near.writable).catch(() => {});
    }
  };
  serve().catch(() => {});
  return {
    port,
    cut(ms) {
      cutUntil_ms = performance.now() + ms;
      drop();
    },
    [Symbol.dispose]() {
      listener.close();
      drop();
    },
  };
}
