// SPDX-License-Identifier: Apache-2.0
/** What comes from a mirror is what the lock says, or nothing is kept of it. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { filesBelow, sha256 } from "../base/digest.ts";
import { exists } from "../base/files.ts";
import { run } from "../base/process.ts";
import { reportNothing } from "../base/report.ts";
import { download, type Wanted } from "./download.ts";
import type { LockedFile } from "./locked_files.ts";

const content = "x".repeat(100_000);

/** The file as a lock would have it. */
const locked: LockedFile = { name: "thing.deb", size: content.length, sha256: sha256(content) };

/** A mirror that gives each answer in turn for "/thing.deb", and remembers what it was asked for. */
async function withMirror(
  answers: readonly ((request: Request) => Response)[],
  test: (address: string, dir: string, ranges: (string | null)[]) => Promise<void>,
): Promise<void> {
  const ranges: (string | null)[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, (request) => {
    const answer = answers[Math.min(ranges.length, answers.length - 1)]!;
    ranges.push(request.headers.get("range"));
    return answer(request);
  });
  const dir = await Deno.makeTempDir();
  try {
    await test(`http://127.0.0.1:${server.addr.port}/thing.deb`, dir, ranges);
  } finally {
    await server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Both are to say the same. */
const clients = ["curl", "wget"] as const;
type Client = typeof clients[number];

function downloadBy(
  client: Client,
  wanted: readonly Wanted[],
  dir: string,
): Promise<Map<string, string>> {
  return download(wanted, dir, reportNothing, () => Promise.resolve(client));
}

/** What keeps the file from being had from such a mirror; nothing of it may be kept. */
async function reasonFor(client: Client, answer: () => Response): Promise<string> {
  let reason = "";
  await withMirror([answer], async (address, dir) => {
    const failures = await downloadBy(client, [{ file: locked, addresses: [address] }], dir);
    reason = failures.get(locked.name)!;
    assertEquals(await filesBelow(dir), []);
  });
  return reason;
}

for (const client of clients) {
  Deno.test(`download() by ${client} keeps what is as the lock says`, () =>
    withMirror([() => new Response(content)], async (address, dir) => {
      const wanted = [{ file: locked, addresses: [address] }];
      assertEquals((await downloadBy(client, wanted, dir)).size, 0);
      assertEquals(await Deno.readTextFile(join(dir, locked.name)), content);
    }));

  Deno.test(`download() by ${client} says that a mirror answers with a page`, async () => {
    const page = "<!DOCTYPE html><html><body>Log in</body></html>";
    assertMatch(
      await reasonFor(client, () => new Response(page)),
      /answered with a web page instead/,
    );
  });

  Deno.test(`download() by ${client} says that a file was cut off`, async () => {
    const reason = await reasonFor(client, () => new Response(content.slice(1)));
    assertMatch(reason, /gave 99999 bytes, and the lock says 100000, as if it was cut off/);
  });

  Deno.test(`download() by ${client} says that a file has another content`, async () => {
    const reason = await reasonFor(client, () => new Response(content.replace("x", "y")));
    assertMatch(reason, /gave other content than the lock says \(sha256\)/);
  });

  Deno.test(`download() by ${client} says that a mirror has no such file`, async () => {
    assertMatch(
      await reasonFor(client, () => new Response("", { status: 404 })),
      /cannot be had \(.*404/,
    );
  });

  Deno.test(`download() by ${client} goes on where an earlier one was cut off`, () =>
    withMirror([
      (request) => {
        const from = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
        return new Response(content.slice(from), {
          status: from > 0 ? 206 : 200,
          headers: { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` },
        });
      },
    ], async (address, dir, ranges) => {
      await Deno.writeTextFile(join(dir, `${locked.name}.part`), content.slice(0, 40_000));
      const wanted = [{ file: locked, addresses: [address] }];
      assertEquals((await downloadBy(client, wanted, dir)).size, 0);
      assertEquals(await Deno.readTextFile(join(dir, locked.name)), content);
      assertEquals(ranges, ["bytes=40000-"]);
    }));

  Deno.test(`download() by ${client} begins anew where what an earlier one left is of another file`, () =>
    withMirror([() => new Response(content)], async (address, dir) => {
      await Deno.writeTextFile(join(dir, `${locked.name}.part`), "z".repeat(content.length));
      const wanted = [{ file: locked, addresses: [address] }];
      assertEquals((await downloadBy(client, wanted, dir)).size, 0);
      assertEquals(await Deno.readTextFile(join(dir, locked.name)), content);
      assert(!await exists(join(dir, `${locked.name}.part`)));
    }));

  Deno.test(`download() by ${client} tries the next address where one does not have it`, () =>
    withMirror([
      () => new Response("", { status: 404 }),
      () => new Response(content),
    ], async (address, dir, ranges) => {
      const wanted = [{ file: locked, addresses: [address, address] }];
      assertEquals((await downloadBy(client, wanted, dir)).size, 0);
      assertEquals(ranges.length, 2);
    }));

  Deno.test(`download() by ${client} says that the disk is full`, () =>
    withMirror([() => new Response(content)], async (address) => {
      /* Everything that is written to it fails as on a full disk. */
      const dir = await Deno.makeTempDir();
      try {
        await run("ln", ["-s", "/dev/full", join(dir, `${locked.name}.part`)], {
          ...{ purpose: "fill a disk", timeLimit_s: 10 },
        });
        await assertRejects(
          () => downloadBy(client, [{ file: locked, addresses: [address] }], dir),
          Error,
          "the disk is full",
        );
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    }));
}
