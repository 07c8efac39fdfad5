// SPDX-License-Identifier: Apache-2.0
/**
 * Kernel configurations: `allnoconfig` plus a fragment, and the proof that nothing of the fragment
 * was lost on the way. Kconfig drops an option whose dependencies are not met without a word.
 */
import { LabError } from "../base/errors.ts";

/** The options a fragment asks for, as the lines that .config must then have. */
export function requestedLines(fragment: string): string[] {
  return fragment.split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => /^CONFIG_\w+=./.test(line) || /^# CONFIG_\w+ is not set$/.test(line));
}

/** Several fragments as one: where two speak of the same option, the later one holds. */
export function mergeFragments(fragments: readonly string[]): string {
  let merged = "";
  for (const fragment of fragments) {
    const names = new Set(requestedLines(fragment).map(optionOf));
    const kept = merged.split("\n").filter((line) =>
      requestedLines(line).length === 0 || !names.has(optionOf(line))
    );
    merged = kept.join("\n") + fragment;
  }
  return merged;
}

function optionOf(line: string): string {
  return /CONFIG_\w+/.exec(line)![0];
}

/**
 * Lines of the fragment that the final configuration does not have. An option that is asked to be
 * off may also be absent altogether.
 */
export function lostLines(fragment: string, config: string): string[] {
  const lines = new Set(config.split("\n"));
  return requestedLines(fragment).filter((line) => {
    if (lines.has(line)) return false;
    const off = /^# (CONFIG_\w+) is not set$/.exec(line);
    return off === null || new RegExp(`^${off[1]}=`, "m").test(config);
  });
}

/**
 * @throws {LabError} that names every lost option and what became of it.
 */
export function requireAll(fragment: string, config: string, fragmentName: string): void {
  const lost = lostLines(fragment, config);
  if (lost.length === 0) return;
  const shown = lost.map((line) => `  ${line}   (now: ${stateOf(line, config)})`).join("\n");
  throw new LabError(
    `Cannot configure the kernel: ${lost.length} of the options in ${fragmentName} were lost\n` +
      shown,
    "Add what they depend on to the fragment, or take them out",
  );
}

function stateOf(line: string, config: string): string {
  const name = optionOf(line);
  return new RegExp(`^(# )?${name}[= ].*$`, "m").exec(config)?.[0] ?? "absent";
}
