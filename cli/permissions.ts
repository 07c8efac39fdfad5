// SPDX-License-Identifier: Apache-2.0
/** From what a verb needs to what Deno is told. */
import { crashesName } from "./crash.ts";
import type { Needs, Place, Variables } from "./verb.ts";

/** Where things lie, as the bootstrap has found out. */
export interface Places {
  cache: string;
  checkout: string;
  /** For temporary files. */
  scratch: string;
}

/** Variables that the lab and what it starts may know; libraries that ask for others find nothing. */
const variables: Readonly<Record<Variables, readonly string[]>> = {
  desktop: [
    ...["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"],
    ...["XDG_CURRENT_DESKTOP", "BROWSER"],
  ],
  terminal: ["NO_COLOR", "TERM", "COLUMNS", "CI"],
  cache: ["HOME", "XDG_CACHE_HOME"],
  slurm: ["SLURM_CONF"],
  programs: [
    ...["PATH", "TMPDIR", "http_proxy", "https_proxy", "no_proxy"],
    ...[
      "HTTP_PROXY",
      "HTTPS_PROXY",
      "NO_PROXY",
      "LAB_ARCHIVE",
      "LAB_MIRROR",
      "APT_CONFIG",
      "SSL_CERT_FILE",
    ],
    ...["SSH_AUTH_SOCK", "LAB_SSH_CONFIG"],
  ],
};

/** Where DuckDB as native code lies: the bootstrap puts it there. */
const nativeFolder = "native";

/**
 * Deno's options for a verb. No verb can reach the network: downloads are apt-get's work, and it
 * checks signatures. `setpriv` starts every other program.
 */
export function permissionsFor(needs: Needs, places: Places): string[] {
  const { cache, checkout, scratch } = places;
  const folder = (place: Place) =>
    place.startsWith("/") || place.startsWith("./")
      ? place
      : place === "cache"
      ? cache
      : place === "scratch"
      ? scratch
      : `${checkout}/${place}`;
  const read = { checkout, cache: `${checkout},${cache}` }[needs.read as "checkout" | "cache"];
  const written = [...(needs.write ?? []).map(folder)];
  /* For the trace of what nobody foresaw. */
  if (!written.includes(cache)) written.push(`${cache}/${crashesName}`);
  const names = needs.variables?.flatMap((group) => variables[group]) ?? [];
  return [
    read === undefined ? "--allow-read" : `--allow-read=${read}`,
    ...listed("--allow-write", written),
    ...listed("--allow-env", names),
    ...listed("--allow-sys", needs.system),
    ...(needs.run ? ["--allow-run=setpriv"] : []),
    ...(needs.port === undefined ? [] : [`--allow-net=127.0.0.1:${needs.port}`]),
    ...(needs.native === "load" ? [`--allow-ffi=${cache}/${nativeFolder}`] : []),
  ];
}

function listed(option: string, values: readonly string[] = []): string[] {
  return values.length === 0 ? [] : [`${option}=${values.join(",")}`];
}
