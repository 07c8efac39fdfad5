// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
import { reply, type Request } from "./query.ts";

/** The thread in which a query runs, so that the process can give it up. */
self.onmessage = async ({ data }: MessageEvent<Request>) => {
  self.postMessage(await reply(data));
};
