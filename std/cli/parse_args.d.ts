// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/cli that the project uses.
export interface ParseOptions {
  boolean?: string[];
  string?: string[];
  collect?: string[];
  negatable?: string[];
  alias?: Record<string, string | string[]>;
  default?: Record<string, unknown>;
  stopEarly?: boolean;
  "--"?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}
export interface Args {
  _: (string | number)[];
  [key: string]: unknown;
}
export function parseArgs(args: readonly string[], options?: ParseOptions): Args;
