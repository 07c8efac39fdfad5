// SPDX-License-Identifier: Apache-2.0
/**
 * A private package index: Debian's own tools and signatures, but neither root nor the system's
 * apt state. It lies in the cache and only knows Debian 12 ("bookworm"), or one other suite of the
 * same mirror.
 */
import { join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { sha256 } from "../base/digest.ts";
import { exists, writeAtomically } from "../base/files.ts";
import { run } from "../base/process.ts";

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

/** What the locks are made for: the suites and where they are when the system names no mirror. */
const suites = [
  { name: "bookworm", defaultUri: "http://deb.debian.org/debian" },
  { name: "bookworm-updates", defaultUri: "http://deb.debian.org/debian" },
  { name: "bookworm-security", defaultUri: "http://deb.debian.org/debian-security" },
] as const;

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
    await run("apt-get", [...this.#options(), "-o", "APT::Update::Error-Mode=any", "update"], {
      purpose: "read the package index of the Debian mirror",
      timeLimit_s: updateLimit_s,
      next: reachAdvice,
    });
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

/** Suites outside of Debian 12 are where this one is. */
const besideSuite = suites[0].name;

/** Lines as in sources.list for one suite. */
function linesFor(uri: string, suite: string, options: string): string {
  return ["deb", "deb-src"].map((type) => `${type} [${options}] ${uri} ${suite} main\n`).join("");
}

/**
 * The sources of the locked packages: Debian 12 from the mirrors that LAB_MIRROR names, by their base
 * addresses, or else from the one that this system uses, or else from Debian's own.
 *
 * @param suite another one, such as "trixie-backports", from the same mirror, and no other.
 */
export async function systemSources(suite?: string): Promise<string> {
  const named = addressesIn(Deno.env.get("LAB_MIRROR") ?? "").map((uri) => ({
    uri,
    suites: suitesAt(uri).map(({ name }) => name),
  }));
  const texts: string[] = [];
  for (const path of await aptSourceFiles()) {
    try {
      texts.push(await Deno.readTextFile(path));
    } catch {
      // A file that only root may read names no mirror for others.
    }
  }
  return sourcesFrom(texts, named, suite);
}

function addressesIn(text: string): string[] {
  return text.split(/\s+/).filter((address) => address !== "");
}

/** Security updates have a mirror of their own. */
function suitesAt(address: string): typeof suites[number][] {
  const security = address.includes("debian-security");
  return suites.filter(({ name }) => name.endsWith("-security") === security);
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
 *
 * @param suite as with {@linkcode systemSources}.
 */
export function archiveSources(addresses: string, suite?: string): string {
  return addressesIn(addresses).flatMap((address) => {
    const held: string[] = suitesAt(address).map(({ name }) => name);
    const asked = suite === undefined ? held : held.includes(besideSuite) ? [suite] : [];
    return asked.map((name) =>
      linesFor(address, name, `signed-by=${keyring} check-valid-until=no`)
    );
  }).join("");
}

/**
 * The same from the text of apt's source files, in either of apt's two formats.
 *
 * @param named mirrors that come before those.
 * @param suite as with {@linkcode systemSources}.
 */
export function sourcesFrom(
  texts: readonly string[],
  named: readonly Mirror[] = [],
  suite?: string,
): string {
  const mirrors = [
    ...named,
    ...texts.flatMap((text) => [...oneLineMirrors(text), ...deb822Mirrors(text)]),
  ];
  const where = ({ name, defaultUri }: typeof suites[number]) =>
    mirrors.find((mirror) => mirror.suites.includes(name))?.uri ?? defaultUri;
  const options = `signed-by=${keyring}`;
  if (suite !== undefined) return linesFor(where(suites[0]), suite, options);
  return suites.map((one) => linesFor(where(one), one.name, options)).join("");
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
