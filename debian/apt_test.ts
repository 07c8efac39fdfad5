// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { addressesFor, archiveSources, sourcesFrom } from "./apt.ts";
import type { DebianRelease } from "./releases.ts";

Deno.test("sourcesFrom() takes the mirror from one-line sources", () => {
  const text = sourcesFrom([
    "deb [arch=amd64] http://mirror.example/debian/ bookworm main contrib\n",
  ]);
  assertStringIncludes(text, "] http://mirror.example/debian/ bookworm main");
  assertStringIncludes(text, "http://deb.debian.org/debian-security bookworm-security main");
});

Deno.test("sourcesFrom() takes the mirror from deb822 sources", () => {
  const text = sourcesFrom([
    "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n",
  ]);
  assertStringIncludes(
    text,
    "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m.example/debian bookworm-updates main",
  );
});

Deno.test("sourcesFrom() leaves third parties and other releases aside", () => {
  const text = sourcesFrom([
    "deb https://apt.example/tool bookworm main\ndeb http://m.example/debian trixie main\n",
  ]);
  assert(!text.includes("example"));
});

Deno.test("archiveSources() asks each address for the suites that it holds, whatever their age", () => {
  const lines = archiveSources("http://a.example/debian/1 http://a.example/debian-security/1");
  assertEquals(lines.match(/^deb .*/gm)?.map((line) => line.replace(/\[.*\] /, "")), [
    "deb http://a.example/debian/1 bookworm main",
    "deb http://a.example/debian/1 bookworm-updates main",
    "deb http://a.example/debian-security/1 bookworm-security main",
  ]);
  assertStringIncludes(lines, "check-valid-until=no");
  assertEquals(archiveSources(" "), "");
});

Deno.test("addressesFor() takes each mirror once, and security updates from their own", () => {
  const sources = [
    "deb [signed-by=/k] http://a/debian bookworm main",
    "deb-src [signed-by=/k] http://a/debian/ bookworm main",
    "deb http://b/debian-security bookworm-security main",
  ].map((line) => `${line}\n`).join("");
  assertEquals(addressesFor("pool/main/b/bochs", sources), ["http://a/debian"]);
  assertEquals(addressesFor("pool/updates/main/l/linux", sources), ["http://b/debian-security"]);
  const archive = "http://c/archive/debian/20261101T000000Z";
  assertEquals(addressesFor("pool/main/b/bochs", archiveSources(archive)), [archive]);
});

Deno.test("sourcesFrom() looks for another release where this system's mirror is, and security where that is", () => {
  const texts = [
    "deb http://mirror.example/debian bookworm main\n",
    "deb http://security.example/debian-security bookworm-security main\n",
  ];
  const uris = (release: DebianRelease) =>
    [...sourcesFrom(texts, [], release).matchAll(/^deb \S+ (\S+) (\S+) main$/gm)]
      .map(([, uri, suite]) => `${suite} ${uri}`);
  assertEquals(uris("trixie-backports"), ["trixie-backports http://mirror.example/debian"]);
  assertEquals(uris("trixie").at(-1), "trixie-security http://security.example/debian-security");
});
