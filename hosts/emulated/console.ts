// SPDX-License-Identifier: Apache-2.0
/** What a kernel's console says about a trial: lines that make any result doubtful. */

/** Each of these has its own form in the kernel's source; all of them mean: do not trust this. */
const alarming =
  /\bWARNING: |\bBUG: |\bBUG\b.*\bat\b|\bOops\b|general protection fault|Kernel panic|rcu.*\b(stall|detected)|possible (circular|recursive) locking|inconsistent lock state|INFO: task .* blocked|UBSAN|KASAN|soft lockup|Bad page|Out of memory/;

const linesBefore = 2;
const linesAfter = 25;
const tailLines = 20;

/** The first alarming place with the lines around it, or nothing. */
export function consoleProblems(text: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => alarming.test(line));
  if (first < 0) return undefined;
  return lines.slice(Math.max(0, first - linesBefore), first + linesAfter).join("\n").trimEnd();
}

export function consoleTail(text: string): string {
  return text.trimEnd().split(/\r?\n/).slice(-tailLines).join("\n");
}
