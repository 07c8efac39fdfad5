// SPDX-License-Identifier: Apache-2.0
/**
 * A private package index: Debian's own tools and signatures, but neither root nor the system's
 * apt state. It lies in the cache, and each knows one release.
 */
import { join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { sha256 } from "../base/digest.ts";
import { exists, writeAtomically } from "../base/files.ts";
import { run } from "../base/process.ts";
import { type DebianRelease, type Suite, suitesOf } from "./releases.ts";

/** One package or source package that the mirror offers. */
export interface Offer {
  name: string;
  version: string;
  arch: string;
  /** Of the package's file as the mirror has it; not given for sources. */
  size?: number;
  sha256?: string;
  /** Its folder in the mirror, such as "pool/main/g/gcc-12". */
  folder?: string;
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** An index this old is fetched anew before it is asked. */
const indexLifetime_ms = 24 * 3600 * 1000;

const updateLimit_s = 300;
const downloadLimit_s = 900;
const queryLimit_s = 60;

/** apt-cache ends with this status when it knows no such package. */
const unknownPackageStatus = 100;

const reachAdvice = "Check the network and the mirror named in /etc/apt; " +
  "what is in the cache already can be used without either";

export class AptIndex {
  #dir: string;
  #sources: string;
  #updated = false;

  /** @param sources lines as in sources.list; each set of sources has an index of its own. */
  constructor(sources: string) {
    this.#sources = sources;
    this.#dir = join(cacheRoot(), "apt", sha256(sources).slice(0, 12));
  }

  /** Fetches the index if it is absent or old; `force` fetches it once more in this process. */
  async update(force = false): Promise<void> {
    if (this.#updated) return;
    const stamp = join(this.#dir, "updated");
    if (!force && await ageOf_ms(stamp) < indexLifetime_ms) return;
    this.#updated = true;
    for (const below of ["lists/partial", "cache/archives/partial"]) {
      await Deno.mkdir(join(this.#dir, below), { recursive: true });
    }
    await writeAtomically(join(this.#dir, "sources.list"), this.#sources);
    await writeAtomically(join(this.#dir, "status"), "");
    try {
      await run("apt-get", [...this.#options(), "-o", "APT::Update::Error-Mode=any", "update"], {
        purpose: "read the package index of the Debian mirror",
        timeLimit_s: updateLimit_s,
        next: reachAdvice,
      });
    } catch (error) {
      /* Whoever asks next is to hear of it too. */
      this.#updated = false;
      throw error;
    }
    await writeAtomically(stamp, "");
  }

  /** Whether there is an index to ask, of whatever age. */
  isThere(): Promise<boolean> {
    return exists(join(this.#dir, "updated"));
  }

  /** Names of all packages. */
  async names(): Promise<string[]> {
    return (await this.#ask(["pkgnames"])).split("\n");
  }

  /** Every version of the named packages. */
  async packages(names: readonly string[]): Promise<Offer[]> {
    const text = await this.#ask(["show", ...names]);
    return stanzas(text).map((fields) => ({
      name: fields.get("Package") ?? "",
      version: fields.get("Version") ?? "",
      arch: fields.get("Architecture") ?? "",
      size: Number(fields.get("Size") ?? 0),
      sha256: fields.get("SHA256") ?? "",
      folder: (fields.get("Filename") ?? "").replace(/\/[^/]*$/, ""),
    }));
  }

  /** Every version of a source package. */
  async sources(name: string): Promise<Offer[]> {
    const text = await this.#ask(["showsrc", "--only-source", name]);
    return stanzas(text).map((fields) => ({
      name: fields.get("Package") ?? "",
      version: fields.get("Version") ?? "",
      arch: "source",
      folder: fields.get("Directory") ?? "",
    }));
  }

  /**
   * The packages of these names and all that they depend on, as a system that has nothing would be
   * given them.
   *
   * @throws {LabError} when the mirror does not have all of them.
   */
  async closure(names: readonly string[]): Promise<Pick<Offer, "name" | "version">[]> {
    const args = ["--simulate", "--no-install-recommends", "install", ...names];
    const { stdout } = await run("apt-get", [...this.#options(), ...args], {
      purpose: "find out what packages depend on",
      timeLimit_s: queryLimit_s,
    });
    return [...stdout.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name, version]) => ({
      name: name!,
      version: version!,
    }));
  }

  async #ask(args: readonly string[]): Promise<string> {
    const { stdout } = await run("apt-cache", [...this.#options(), ...args], {
      purpose: "search the package index",
      timeLimit_s: queryLimit_s,
      accept: [unknownPackageStatus],
    });
    return stdout;
  }

  /** Downloads packages into a folder; apt checks them against the signed index. */
  async download(offers: readonly Offer[], dir: string): Promise<void> {
    const wanted = offers.map(({ name, version, arch }) =>
      arch === "all" ? `${name}=${version}` : `${name}:${arch}=${version}`
    );
    await run("apt-get", [...this.#options(), "download", ...wanted], {
      cwd: dir,
      purpose: `download ${offers.map(({ name }) => name).join(", ")}`,
      timeLimit_s: downloadLimit_s,
      next: reachAdvice,
    });
  }

  /** Downloads the files of a source package into a folder. */
  async downloadSource({ name, version }: Offer, dir: string): Promise<void> {
    const args = ["source", "--download-only", "--only-source", `${name}=${version}`];
    await run("apt-get", [...this.#options(), ...args], {
      cwd: dir,
      purpose: `download the source of ${name}`,
      timeLimit_s: downloadLimit_s,
      next: reachAdvice,
    });
  }

  #options(): string[] {
    const settings = {
      "Dir::Etc::sourcelist": join(this.#dir, "sources.list"),
      "Dir::Etc::sourceparts": "-",
      "Dir::State": this.#dir,
      "Dir::State::lists": join(this.#dir, "lists"),
      "Dir::State::status": join(this.#dir, "status"),
      "Dir::Cache": join(this.#dir, "cache"),
      // Root would otherwise hand the download to a user who cannot write to the cache.
      "APT::Sandbox::User": "root",
      "APT::Architecture": "amd64",
      "APT::Get::List-Cleanup": "true",
      "Acquire::Languages": "none",
      "Acquire::Retries": "3",
    };
    return ["-q", ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`])];
  }
}

async function ageOf_ms(path: string): Promise<number> {
  try {
    const { mtime } = await Deno.stat(path);
    return Date.now() - (mtime?.getTime() ?? 0);
  } catch {
    return Infinity;
  }
}

/** Paragraphs of `Field: value` lines; continuation lines are left out, nobody here needs them. */
function stanzas(text: string): Map<string, string>[] {
  return text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "").map((paragraph) =>
    new Map(
      [...paragraph.matchAll(/^([A-Za-z0-9-]+): *(.*)$/gm)].map((match) => [match[1]!, match[2]!]),
    )
  );
}

/**
 * The sources of the locked packages: a release from the mirrors that LAB_MIRROR names, by their base
 * addresses, or else from the one that this system uses, or else from Debian's own.
 */
export async function systemSources(release: DebianRelease = "bookworm"): Promise<string> {
  const named = addressesIn(Deno.env.get("LAB_MIRROR") ?? "").map((uri) => ({
    uri,
    suites: suitesAt(uri, release).map(({ name }) => name),
  }));
  const texts: string[] = [];
  for (const path of await aptSourceFiles()) {
    try {
      texts.push(await Deno.readTextFile(path));
    } catch {
      // A file that only root may read names no mirror for others.
    }
  }
  return sourcesFrom(texts, named, release);
}

function addressesIn(text: string): string[] {
  return text.split(/\s+/).filter((address) => address !== "");
}

/** Security updates have a mirror of their own. */
function suitesAt(address: string, release: DebianRelease): Suite[] {
  const security = address.includes("debian-security");
  return suitesOf(release).filter(({ name }) => name.endsWith("-security") === security);
}

/**
 * Base addresses of those that may have what lies in a folder of the pool, from lines as in
 * sources.list: security updates have a pool of their own.
 */
export function addressesFor(folder: string, sources: string): string[] {
  const security = folder.startsWith("pool/updates/");
  const found = [...sources.matchAll(/^deb(?:-src)? +(?:\[[^\]]*\] +)?(\S+) +(\S+) /gm)]
    .filter(([, , suite]) => suite!.endsWith("-security") === security)
    .map(([, address]) => address!.replace(/\/$/, "").replace(/^file:\/*/, "file:///"));
  return [...new Set(found)];
}

async function aptSourceFiles(): Promise<string[]> {
  const parts = "/etc/apt/sources.list.d";
  const paths = ["/etc/apt/sources.list"];
  try {
    for await (const { name } of Deno.readDir(parts)) {
      if (/\.(list|sources)$/.test(name)) paths.push(join(parts, name));
    }
  } catch {
    // Not every Debian has the folder.
  }
  return paths.sort();
}

/**
 * Archives of old versions, from their base addresses: such as
 * "http://snapshot.debian.org/archive/debian/20261101T000000Z". One whose address has
 * "debian-security" in it holds the security suite, another the rest. They are signed as the mirror
 * is, but what they were signed for has passed.
 */
export function archiveSources(addresses: string, release: DebianRelease = "bookworm"): string {
  const options = `[signed-by=${keyring} check-valid-until=no]`;
  return addressesIn(addresses).flatMap((address) =>
    suitesAt(address, release).flatMap(({ name }) =>
      ["deb", "deb-src"].map((type) => `${type} ${options} ${address} ${name} main\n`)
    )
  ).join("");
}

/**
 * The same from the text of apt's source files, in either of apt's two formats.
 *
 * @param named mirrors that come before those.
 */
export function sourcesFrom(
  texts: readonly string[],
  named: readonly Mirror[] = [],
  release: DebianRelease = "bookworm",
): string {
  const mirrors = [
    ...named,
    ...texts.flatMap((text) => [...oneLineMirrors(text), ...deb822Mirrors(text)]),
  ];
  return suitesOf(release).map(({ name, defaultUri }) => {
    const at = (suite: string) => mirrors.find(({ suites }) => suites.includes(suite))?.uri;
    /* A mirror has all releases, whichever of them this system is of. */
    const uri = at(name) ?? at(name.endsWith("-security") ? "bookworm-security" : "bookworm") ??
      defaultUri;
    return ["deb", "deb-src"].map((type) => `${type} [signed-by=${keyring}] ${uri} ${name} main\n`)
      .join("");
  }).join("");
}

/** Where some suites are. */
export interface Mirror {
  uri: string;
  suites: readonly string[];
}

/** Third parties name their suites "bookworm" too; a Debian mirror's path ends like this. */
function isDebian(uri: string): boolean {
  return /\/debian(-security)?\/?$/.test(uri);
}

function oneLineMirrors(text: string): Mirror[] {
  return [...text.matchAll(/^deb(?:-src)? +(?:\[[^\]]*\] +)?(\S+) +(\S+) +(.*)$/gm)]
    .filter(([, uri, , components]) => isDebian(uri!) && components!.split(/\s+/).includes("main"))
    .map(([, uri, suite]) => ({ uri: uri!, suites: [suite!] }));
}

function deb822Mirrors(text: string): Mirror[] {
  return stanzas(text)
    .filter((fields) => (fields.get("Components") ?? "").split(/\s+/).includes("main"))
    .filter((fields) => fields.get("Enabled") !== "no")
    .flatMap((fields) => {
      const named = (fields.get("Suites") ?? "").split(/\s+/);
      const uris = (fields.get("URIs") ?? "").split(/\s+/).filter(isDebian);
      return uris.map((uri) => ({ uri, suites: named }));
    });
}
