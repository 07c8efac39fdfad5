// SPDX-License-Identifier: Apache-2.0
/** For tests: signs a repository's index, as Debian's archive is signed, by a key made for it. */
import { join } from "@std/path";
import { sha256OfFile } from "../../base/digest.ts";
import { run } from "../../base/process.ts";

const about = { purpose: "sign an index", timeLimit_s: 120 };

/** What an index says of its time, as RFC 5322 has it; without an end it is valid for ever. */
export interface Validity {
  date: Date;
  until?: Date;
}

/**
 * Writes `InRelease` for the `Packages` of a folder.
 *
 * @returns the keyring that its signature can be checked with.
 */
export async function signIndex(folder: string, { date, until }: Validity): Promise<string> {
  const packages = join(folder, "Packages");
  const { size } = await Deno.stat(packages);
  const release = [
    `Date: ${date.toUTCString()}`,
    ...(until === undefined ? [] : [`Valid-Until: ${until.toUTCString()}`]),
    `SHA256:\n ${await sha256OfFile(packages)} ${size} Packages\n`,
  ].join("\n");
  const home = await Deno.makeTempDir({ dir: "/tmp" });
  const gpg = (...args: string[]) =>
    run("gpg", ["--homedir", home, "--batch", "--yes", "--passphrase", "", ...args], {
      ...about,
      stdin: new TextEncoder().encode(release),
    });
  const keyring = join(folder, "archive.gpg");
  try {
    await gpg("--quick-generate-key", "archive@example.org", "ed25519", "sign", "never");
    await gpg("--output", keyring, "--export");
    await gpg("--output", join(folder, "InRelease"), "--clearsign");
  } finally {
    await run("gpgconf", ["--homedir", home, "--kill", "all"], about);
    await Deno.remove(home, { recursive: true });
  }
  return keyring;
}
