// SPDX-License-Identifier: Apache-2.0
/** One machine that ssh reaches: what it is, and how the bundle gets there. */
import { LabError } from "../../../base/errors.ts";
import { commandLine, run, type RunOptions, type RunResult } from "../../../base/process.ts";
import { sshArguments, type SshMachine } from "../../ssh_command.ts";
import type { Bundle, BundledFile } from "../bundle.ts";
import { sharedFolder } from "../on.ts";

/** ssh's own exit status when it does not get through. */
export const unreachable = 255;

/** What is asked of a machine is answered within that, a bundle's file sent. */
const answerLimit_s = 120;
const sendLimit_s = 3600;

/** What a machine is, as far as trials go. */
export interface Probed {
  /** Where the bundle is. */
  place: string;
  cpus: number;
  memory_mib: number;
}

/** A program on such a machine. */
export function onMachine(
  machine: SshMachine,
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  return run("ssh", sshArguments(machine, program, args), options);
}

/** Below a user's home: what was built for others is not needed again. */
const placeName = ".cache/samepage-lab/pool";

const probe = `printf 'place %s\\n' "$HOME/${placeName}"
printf 'system %s %s\\n' "$(uname -s)" "$(uname -m)"
printf 'cpus %s\\n' "$(nproc)"
sed -n 's/^MemAvailable: *\\([0-9]*\\) kB/memory \\1/p' /proc/meminfo
for each in setpriv timeout prlimit unshare base64 gzip od sha256sum; do
  PATH=$PATH:/usr/sbin:/sbin command -v "$each" >/dev/null || printf 'missing %s\\n' "$each"
done`;

/** @throws {LabError} when it cannot be reached, or trials cannot be carried out there. */
export async function probed(name: string, machine: SshMachine): Promise<Probed> {
  const { stdout } = await onMachine(machine, "sh", ["-c", probe], {
    purpose: `reach ${name}`,
    timeLimit_s: answerLimit_s,
    next:
      `See whether it answers: ssh ${machine.destination} true; docs/CLUSTER.md says what it needs`,
  });
  const said = (key: string) =>
    [...stdout.matchAll(new RegExp(`^${key} (.*)$`, "gm"))].map(([, value]) => value!);
  const [system = ""] = said("system");
  const missing = said("missing");
  const objection = system !== "Linux x86_64"
    ? `it is ${system}, not Linux on x86-64`
    : missing.length > 0
    ? `it has no ${missing.join(", no ")}`
    : undefined;
  if (objection !== undefined) throw new LabError(`Cannot run trials on ${name}: ${objection}`);
  return {
    place: sharedFolder(said("place")[0] ?? ""),
    cpus: Number(said("cpus")[0]),
    memory_mib: Math.floor(Number(said("memory")[0]) / 1024),
  };
}

const missingOnes = `while IFS= read -r path; do
  [ -e "$1/parts/$path" ] || printf '%s\\n' "$path"
done`;

/** A file that has arrived otherwise than it was sent is not kept. */
const receive = `set -eu
target=$1/parts/$2
draft=$target.$$
mkdir -p "\${target%/*}"
trap 'rm -f "$draft"' EXIT
cat >"$draft"
[ "$(sha256sum <"$draft" | cut -d' ' -f1)" = "$3" ] || { echo "it arrived otherwise" >&2; exit 1; }
chmod "$4" "$draft"
mv "$draft" "$target"`;

/** Sends what is not there yet. @throws {LabError} when it cannot be sent, or a disk there is full. */
export async function sendBundle(
  name: string,
  machine: SshMachine,
  { place }: Probed,
  { files }: Bundle,
): Promise<void> {
  const list = files.map(({ path }) => `${path}\n`).join("");
  const { stdout } = await onMachine(machine, "sh", ["-c", missingOnes, "sh", place], {
    purpose: `see what ${name} has already`,
    timeLimit_s: answerLimit_s,
    stdin: new TextEncoder().encode(list),
  });
  const missing = new Set(stdout.split("\n"));
  for (const file of files.filter(({ path }) => missing.has(path))) {
    await send(name, machine, place, file);
  }
}

async function send(
  name: string,
  machine: SshMachine,
  place: string,
  { source, path, sha256 }: BundledFile,
): Promise<void> {
  const { mode } = await Deno.stat(source);
  const rights = (mode ?? 0) & 0o100 ? "755" : "644";
  await onMachine(machine, "sh", ["-c", receive, "sh", place, path, sha256, rights], {
    purpose: `send ${commandLine(path, [])} to ${name}`,
    timeLimit_s: sendLimit_s,
    stdin: await Deno.readFile(source),
  });
}
