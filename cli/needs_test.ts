// SPDX-License-Identifier: Apache-2.0
/** What each verb may do, written down a second time: who changes the table says so here, too. */
import { assertEquals } from "@std/assert";
import { linesFor } from "./needs.ts";
import { verbs } from "./table.ts";

const places = { cache: "/cache", checkout: "/lab", scratch: "/tmp" };

const terminal = "NO_COLOR,TERM,COLUMNS,CI";
const cache = "HOME,XDG_CACHE_HOME";
const programs = "PATH,TMPDIR,http_proxy,https_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,NO_PROXY," +
  "LAB_ARCHIVE,LAB_MIRROR,APT_CONFIG,SSL_CERT_FILE,SSH_AUTH_SOCK,LAB_SSH_CONFIG";
const desktop = "DISPLAY,WAYLAND_DISPLAY,XDG_RUNTIME_DIR,DBUS_SESSION_BUS_ADDRESS," +
  "XDG_CURRENT_DESKTOP,BROWSER";
const debian = "packages tools/debian-packages.txt";
const building = [
  "option --allow-read",
  "option --allow-write=/cache",
  `option --allow-env=${terminal},${cache},${programs}`,
  "option --allow-sys=statfs",
  "option --allow-run=setpriv",
];
const running = [
  "option --allow-read",
  "option --allow-write=/cache,/lab/reports",
  `option --allow-env=${terminal},${cache},${programs}`,
  "option --allow-sys=statfs,osRelease,systemMemoryInfo,cpus",
  "option --allow-run=setpriv",
];
/** Of verbs that write nothing else: traces of what nobody foresaw. */
const crashes = "option --allow-write=/cache/crashes";
const starting = [`option --allow-env=${cache},${programs}`];

const expected: Readonly<Record<string, readonly string[]>> = {
  "run smoke": [debian, ...running],
  "run smoke --with-names": [
    debian,
    ...running.map((line) => line.includes("-sys=") ? `${line},hostname` : line),
  ],
  "verify RUN": [debian, ...building],
  "verify reference": [debian, ...building],
  "verify RUN.tar.zst": building,
  "verify RUN.tar.zst --trust-programs": building,
  "verify RUN.tar.zst --own-emulator": [debian, ...building],
  "report RUN": [
    "option --allow-read",
    "option --allow-write=/lab/reports,/cache/crashes",
    "option --allow-sys=cpus",
  ],
  "report RUN --engine native": [
    "native engine",
    "option --allow-read",
    "option --allow-write=/lab/reports,/cache/crashes",
    `option --allow-env=${cache}`,
    "option --allow-ffi=/cache/native",
  ],
  "query RUN SQL": [
    "option --allow-read",
    crashes,
    `option --allow-env=${terminal}`,
    "option --allow-sys=cpus",
  ],
  "query RUN SQL --engine=native": [
    "native engine",
    "option --allow-read",
    crashes,
    `option --allow-env=${terminal},${cache}`,
    "option --allow-ffi=/cache/native",
  ],
  "query reference SQL": [
    "option --allow-read",
    "option --allow-write=/cache",
    `option --allow-env=${terminal},${cache},${programs}`,
    "option --allow-sys=cpus,statfs",
    "option --allow-run=setpriv",
  ],
  "questions": ["option --allow-read=/lab", crashes],
  "demo": [debian, ...running],
  "new mine": ["option --allow-read=/lab", "option --allow-write=/lab/experiments,/cache/crashes"],
  "report RUN --open": [
    "option --allow-read",
    "option --allow-write=/lab/reports,/cache/crashes",
    `option --allow-env=${programs},${desktop}`,
    "option --allow-sys=cpus",
    "option --allow-run=setpriv",
  ],
  "run smoke --on slurm --shared /shared": [
    debian,
    ...running.map((line) =>
      line.includes("-write=")
        ? `${line},/shared`
        : line.includes("-env=")
        ? `${line},SLURM_CONF`
        : line
    ),
  ],
  "run smoke --on ssh://a,b": [debian, ...running],
  "cancel RUN": [
    "option --allow-read=/lab",
    crashes,
    `option --allow-env=${cache},${programs},SLURM_CONF`,
    "option --allow-run=setpriv",
  ],
  "runs": ["option --allow-read=/lab", crashes],
  "rm RUN": ["option --allow-read=/lab", "option --allow-write=/lab/reports,/cache/crashes"],
  "schema": ["option --allow-read", crashes, "option --allow-sys=cpus"],
  "explain 48": ["option --allow-read=/lab", crashes],
  "view RUN": ["option --allow-read", crashes, "option --allow-net=127.0.0.1:0"],
  "view RUN --port 8000": ["option --allow-read", crashes, "option --allow-net=127.0.0.1:8000"],
  "compare A B": [
    "option --allow-read",
    "option --allow-write=/cache,/lab/reports",
    `option --allow-env=${terminal},${cache}`,
    "option --allow-sys=cpus,statfs",
  ],
  "pack RUN": [
    debian,
    "option --allow-read",
    "option --allow-write=/cache,/lab/reports",
    `option --allow-env=${cache},${programs}`,
    "option --allow-sys=cpus,statfs",
    "option --allow-run=setpriv",
  ],
  "reference": building,
  "reference update": [debian, ...running],
  "bench": [
    debian,
    ...running.map((line) =>
      line.includes("-write=")
        ? "option --allow-write=/cache"
        : line.includes("-sys=")
        ? `${line},loadavg`
        : line
    ),
  ],
  "host status local": [
    "option --allow-read",
    "option --allow-write=/cache",
    ...starting,
    "option --allow-run=setpriv",
  ],
  "import FILE": [
    "option --allow-read",
    "option --allow-write=/lab/reports,/cache/crashes",
    `option --allow-env=${programs},${terminal}`,
    "option --allow-sys=cpus",
    "option --allow-run=setpriv",
  ],
  "observe local": [
    "option --allow-read",
    "option --allow-write=/cache,/lab/reports",
    `option --allow-env=${programs},${terminal},${cache}`,
    "option --allow-sys=cpus",
    "option --allow-run=setpriv",
  ],
  "experiments": ["option --allow-read=/lab", crashes],
  "build": [debian, ...building],
  "build kernel --deb": [debian, ...building],
  "bundle export FILE": [
    debian,
    ...building.map((line) => line.includes("-write=") ? `${line},./.` : line),
  ],
  "bundle export /tmp/FILE smoke": [
    debian,
    ...building.map((line) => line.includes("-write=") ? `${line},/tmp` : line),
  ],
  "bundle import FILE": building,
  "bundle show FILE": building,
  "lock check": [
    debian,
    "packages tools/lock-packages.txt",
    "option --allow-read",
    "option --allow-write=/cache",
    ...starting,
    "option --allow-run=setpriv",
  ],
  "lock update": [
    debian,
    "packages tools/lock-packages.txt",
    "option --allow-read",
    "option --allow-write=/cache,/lab/kernel,/lab/emulator,/lab/debian,/lab/hosts,/lab/workloads",
    ...starting,
    "option --allow-run=setpriv",
  ],
  "stress": [debian, ...running],
  "doctor": [
    "option --allow-read",
    "option --allow-write=/cache",
    ...starting,
    "option --allow-sys=osRelease,systemMemoryInfo,statfs",
    "option --allow-run=setpriv",
  ],
  "clean": [
    "option --allow-read=/lab,/cache",
    "option --allow-write=/cache",
    `option --allow-env=${cache}`,
  ],
  "test --quick": [
    debian,
    "packages tools/test-packages.txt",
    "option --allow-read",
    "option --allow-write=/cache,/lab/reports,/tmp",
    ...starting,
    "option --allow-run=setpriv",
  ],
  "test": [
    debian,
    "packages tools/test-packages.txt",
    "native engine",
    "option --allow-read",
    "option --allow-write=/cache,/lab/reports,/tmp",
    ...starting,
    "option --allow-run=setpriv",
  ],
  "series cover RUN": ["option --allow-read", crashes, "option --allow-sys=cpus"],
  "completion bash": ["option --allow-read=/lab", crashes],
};

for (const [call, lines] of Object.entries(expected)) {
  Deno.test(`./lab ${call} may do what it needs and no more`, async () => {
    const said = await linesFor(call.split(" "), places);
    assertEquals(said.slice(0, -1), lines);
    assertEquals(said.at(-1)?.startsWith('request {"verb":'), true);
  });
}

Deno.test("what every verb may do is written down", () => {
  const named = new Set(Object.keys(expected).map((call) => call.split(" ")[0]));
  assertEquals([...named].sort(), Object.keys(verbs).sort());
});

Deno.test("options in a question give no permission", async () => {
  const [, ...lines] = (await linesFor(["query", "RUN", " --engine native --port 1 "], places))
    .toReversed();
  assertEquals(lines.toReversed(), expected["query RUN SQL"]);
});

Deno.test("linesFor() gives a request in one line, whatever is asked", async () => {
  const lines = await linesFor(["query", "RUN", "SELECT\n 'a\\b' -- ä"], places);
  assertEquals(
    JSON.parse(lines.at(-1)!.slice("request ".length)).request.asked.question,
    "SELECT\n 'a\\b' -- ä",
  );
  assertEquals(lines.some((line) => line.includes("\n")), false);
});
