// SPDX-License-Identifier: Apache-2.0
/**
 * Which room may import which. A room is a folder at the top; what it holds may import what lies
 * below it, never what lies above it or beside it. The lowest come first.
 */

export interface Layer {
  room: string;
  /** It may import these alone, of all that lies below: rooms, or single files of them. */
  only?: readonly string[];
  /** The only files by which other rooms may enter it. */
  doors?: readonly string[];
}

export const layers: readonly Layer[] = [
  { room: "std" },
  { room: "base" },
  { room: "store" },
  { room: "debian" },
  { room: "kernel" },
  { room: "emulator" },
  { room: "workloads" },
  { room: "images" },
  { room: "agent" },
  { room: "machines", only: ["base"] },
  { room: "contract", only: ["base", "machines", "kernel/lines.ts"] },
  { room: "imports", only: ["base", "machines", "contract"] },
  { room: "hosts" },
  {
    room: "analysis",
    only: ["base", "store", "machines", "contract"],
    doors: ["analysis/mod.ts"],
  },
  { room: "bench" },
  { room: "observe", only: ["base", "machines", "contract", "hosts"] },
  { room: "stress" },
  { room: "packs" },
  { room: "cli" },
  { room: "lab.ts" },
  { room: "tools", only: ["base"] },
  { room: "tests" },
];
