// SPDX-License-Identifier: Apache-2.0
/** What a bundle says of itself: bundle.json. */
import { z } from "zod";
import { inside, sha256Text } from "../store/cache.ts";

/** Kinds of built parts that runs need; nothing else gets into a cache from elsewhere. */
export const bundledKinds = [
  ...["kernel", "debian-kernel", "emulator", "bochs"],
  ...["program", "disk", "guest-image", "image"],
] as const;

const file = z.object({ size: z.int().min(0), sha256: sha256Text });

const part = z.object({
  kind: z.enum(bundledKinds),
  /** Of all that it was built from: its identity in the cache. */
  digest: sha256Text,
  /** For people: "the patched 6.1 kernel". */
  what: z.string().max(200),
  notes: z.record(z.string(), z.string()),
  files: z.record(inside, file),
});

export const bundleForm = z.object({
  format: z.literal(1),
  /** Version and revision of the lab that made it. */
  lab: z.string().max(200),
  /** Experiments whose parts these are. */
  experiments: z.array(z.string().max(200)),
  parts: z.array(part),
});

export type Bundle = z.infer<typeof bundleForm>;
export type BundledPart = z.infer<typeof part>;

/** Where a part lies in the archive. */
export function placeOf({ kind, digest }: Pick<BundledPart, "kind" | "digest">): string {
  return `parts/${kind}/${digest}`;
}
