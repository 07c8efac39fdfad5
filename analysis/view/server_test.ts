// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { writeSyntheticRun } from "../testdata/synthetic.ts";
import { readRuns } from "./runs.ts";
import { answer, serve } from "./server.ts";
import { openSite, type Site } from "./site.ts";

const PORT = 4000;
const TOKEN = "0123456789abcdef";

async function withSite(work: (site: Site) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "samepage-view-" });
  try {
    await writeSyntheticRun(folder, [{ workload: "kernels", arm: "on", seed: 1, traced: true }]);
    await work(await openSite(await readRuns([folder, folder])));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function ask(site: Site, path: string, host = `127.0.0.1:${PORT}`, method = "GET") {
  return askAt(site, `/${TOKEN}${path}`, host, method);
}

function askAt(site: Site, path: string, host: string, method: string) {
  const request = new Request(`http://127.0.0.1:${PORT}${path}`, { method, headers: { host } });
  return answer(site, request, { port: PORT, token: TOKEN });
}

Deno.test("the server answers its own names with GET, and nobody else", async () => {
  await withSite(async (site) => {
    assertEquals((await ask(site, "/")).status, 200);
    assertEquals((await ask(site, "/", `localhost:${PORT}`)).status, 200);
    for (const host of ["rebound.example", `rebound.example:${PORT}`, "127.0.0.1", ""]) {
      const refused = await ask(site, "/lab.json", host);
      assertEquals(refused.status, 403, host);
      assertEquals((await refused.text()).includes("kernels"), false);
    }
    for (const method of ["POST", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
      assertEquals((await ask(site, "/", undefined, method)).status, 405, method);
    }
  });
});

Deno.test("the server answers nobody who does not know the address that was printed", async () => {
  await withSite(async (site) => {
    const paths = [
      "/",
      "/lab.json",
      "/tables/0/exits/0",
      `/${TOKEN.slice(1)}/lab.json`,
      "//lab.json",
    ];
    for (
      const path of [
        ...paths,
        `/${TOKEN}0/lab.json`,
        `/x/${TOKEN}/lab.json`,
        "/analysis/view/client/main.ts",
      ]
    ) {
      const refused = await askAt(site, path, `127.0.0.1:${PORT}`, "GET");
      assertEquals(refused.status, 403, path);
      assertEquals((await refused.text()).includes("kernels"), false);
    }
    const ending = new AbortController();
    const served = [serve(site, 0, ending.signal), serve(site, 0, ending.signal)];
    const [first, second] = served.map(({ url }) => new URL(url));
    assert(/^\/[0-9a-f]{32}\/$/.test(first!.pathname), first!.pathname);
    assert(first!.pathname !== second!.pathname);
    for (const [path, status] of [["", 200], ["lab.json", 200], ["nothing", 404]] as const) {
      const answer = await fetch(new URL(path, first));
      await answer.body?.cancel();
      assertEquals(answer.status, status);
    }
    const stranger = await fetch(new URL("/lab.json", first));
    await stranger.body?.cancel();
    assertEquals(stranger.status, 403);
    ending.abort();
    await Promise.all(served.map(({ finished }) => finished));
  });
});

Deno.test("the server has its list of things and no files beside them", async () => {
  await withSite(async (site) => {
    const paths = [
      ...["/lab.ts", "/view/server.ts", "/%2fetc/passwd", "/..%2f..%2fetc/passwd"],
      ...["/run.json", "/tables/0/none/0", "/tables/2/exits/0", "/tables/0/exits/1", "/tables/0"],
      ...["//etc/passwd", "/lib/", "/result.ts/..%2fload.ts", "/tables/0/constructor/0"],
    ];
    for (const path of paths) assertEquals((await ask(site, path)).status, 404, path);
    /* Such a path has left the token behind. */
    for (const path of ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"]) {
      assertEquals((await ask(site, path)).status, 403, path);
    }
  });
});

Deno.test("every answer says that nothing may come from elsewhere", async () => {
  await withSite(async (site) => {
    for (const path of ["/", "/lab.json", "/tables/1/trace_faults/0", "/nothing"]) {
      const { headers, body } = await ask(site, path);
      await body?.cancel();
      const policy = headers.get("content-security-policy") ?? "";
      assertStringIncludes(policy, "default-src 'none'");
      assert(!/https?:|\*|unsafe-eval'(?<!wasm-unsafe-eval')/.test(policy), policy);
      assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
      assertEquals(headers.get("access-control-allow-origin"), null);
    }
  });
});

Deno.test("every module that the page's modules import is served", async () => {
  await withSite(async (site) => {
    const seen = new Set<string>();
    const follow = async (path: string) => {
      if (seen.has(path)) return;
      seen.add(path);
      const response = await ask(site, path);
      assertEquals(response.status, 200, path);
      const source = await response.text();
      const imports = source.matchAll(/^(?:import|export)\b[^;]*?from "(\.[^"]+)";$/gm);
      for (const [, relative] of imports) {
        await follow(new URL(relative!, `http://127.0.0.1${path}`).pathname);
      }
    };
    await follow("/analysis/view/client/main.ts");
    assert(seen.size > 8, [...seen].join());
  });
});

Deno.test("the lab's own chart of a question comes with it, over the page's answer", async () => {
  await withSite(async (site) => {
    const { charts, questions } = await (await ask(site, "/lab.json")).json();
    const names = questions.map(({ name }: { name: string }) => name);
    assert(Object.keys(charts).every((name) => names.includes(name)));
    assertEquals(charts.refaults_per_merged_page.data, { name: "answer" });
  });
});

Deno.test("a port that is taken is refused in words", async () => {
  await withSite(async (site) => {
    const ending = new AbortController();
    const { url, finished } = serve(site, 0, ending.signal);
    const port = Number(new URL(url).port);
    await assertRejects(
      () => Promise.resolve().then(() => serve(site, port, ending.signal)),
      LabError,
      `port ${port} is in use`,
    );
    ending.abort();
    await finished;
  });
});
