// SPDX-License-Identifier: Apache-2.0
/** Keys of a test machine and of those who may log in there, made anew for each boot. */
import { join } from "@std/path";
import { run } from "../../base/process.ts";

/** How this machine's ssh gets to the test machine. */
export interface Access {
  /** A configuration for ssh: key, known hosts, no other file of the person's. */
  config: string;
  /** What the machine finds on its second disk, a tar archive. */
  archive: string;
}

/** What a test machine may be told besides its keys: files by path below its root. Scripts can be run. */
export type MoreFiles = Readonly<Record<string, string>>;

const limit_s = 30;

/**
 * Makes keys in a folder, and the archive that carries them into the machine.
 *
 * @param port at which the machine's sshd is reached on this machine's loopback
 */
export async function makeAccess(dir: string, port: number, more: MoreFiles): Promise<Access> {
  const inside = join(dir, "inside");
  await Deno.mkdir(join(inside, "etc/ssh"), { recursive: true });
  const hostKey = join(inside, "etc/ssh/ssh_host_ed25519_key");
  const ownKey = keyIn(dir);
  await makeKey(hostKey);
  await makeKey(ownKey);
  await Deno.copyFile(`${ownKey}.pub`, join(inside, "etc/ssh/authorized_keys"));
  const [kind, key] = (await Deno.readTextFile(`${hostKey}.pub`)).split(" ");
  await Deno.writeTextFile(knownIn(dir), `[127.0.0.1]:${port} ${kind} ${key}\n`);
  const config = join(dir, "ssh_config");
  await Deno.writeTextFile(config, configText([dir]));
  for (const [path, content] of Object.entries(more)) {
    await Deno.mkdir(join(inside, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(inside, path), content);
    if (path.startsWith("etc/sudoers.d/")) await Deno.chmod(join(inside, path), 0o440);
    if (content.startsWith("#!")) await Deno.chmod(join(inside, path), 0o755);
  }
  const archive = join(dir, "inside.tar");
  await run("tar", [
    ...["--create", "--file", archive, "--owner", "0", "--group", "0", "--directory", inside],
    ...["--record-size", "512K", "."],
  ], { purpose: "pack the test machine's keys", timeLimit_s: limit_s });
  return { config, archive };
}

const keyIn = (dir: string) => join(dir, "id_ed25519");
const knownIn = (dir: string) => join(dir, "known_hosts");

/** A configuration for ssh by which all machines are reached whose keys were made in these folders. */
export function configText(dirs: readonly string[]): string {
  return [
    ...dirs.map((dir) => `IdentityFile ${keyIn(dir)}`),
    "IdentitiesOnly yes",
    `UserKnownHostsFile ${dirs.map(knownIn).join(" ")}`,
    "GlobalKnownHostsFile /dev/null",
    "",
  ].join("\n");
}

async function makeKey(path: string): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], {
    purpose: "make a key",
    timeLimit_s: limit_s,
    next: "Install the missing package: openssh-client",
  });
}
