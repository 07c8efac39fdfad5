// SPDX-License-Identifier: Apache-2.0
/** lab observe on a machine that is reached by ssh, with Debian's own kernel: what it says, and that nothing is left. */
import { assert, assertEquals } from "@std/assert";
import { reportNothing } from "../base/report.ts";
import { startTestMachine } from "../hosts/testing/machine.ts";
import { watch } from "../observe/observe.ts";
import { recordsOf } from "../observe/records.ts";

const instances = "/sys/kernel/tracing/instances";
/** A busy machine takes a while to remove what counted. */
const mostSeconds = 120;

Deno.test("a host is observed by ssh with Debian's kernel, and nothing is left there, also after SIGKILL", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using machine = await startTestMachine({ dir, report: reportNothing });
    const before = Deno.env.get("LAB_SSH_CONFIG");
    Deno.env.set("LAB_SSH_CONFIG", machine.config);
    try {
      const host = `ssh://root@127.0.0.1:${machine.port}`;
      const seen = await watch({ host, for_s: 4, every_s: 2, trace: true }, reportNothing);
      assertEquals(seen.ended, { left: "" });
      assertEquals(seen.notes, []);
      const last = seen.ticks.at(-1)!;
      assert(last.exits !== undefined && last.faults !== undefined && last.trace !== undefined);
      const { records, settings } = recordsOf(seen);
      assertEquals(settings.arm, "stock");
      const kinds = new Set(records.map(({ kind }) => kind));
      for (const kind of ["host", "ksm", "memory", "cpu", "after_merge", "sources"]) {
        assert(kinds.has(kind), kind);
      }
      assertEquals(await machine.root("ls", instances), "");
    } finally {
      if (before === undefined) Deno.env.delete("LAB_SSH_CONFIG");
      else Deno.env.set("LAB_SSH_CONFIG", before);
    }
    await assertGoneAfterKill(machine.root);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

async function assertGoneAfterKill(root: (...words: string[]) => Promise<string>): Promise<void> {
  const script = await Deno.readTextFile(new URL("../observe/observe.sh", import.meta.url));
  const encoded = btoa(script);
  const said = await root(
    "sh",
    "-c",
    `'echo ${encoded} | base64 -d >/tmp/o.sh; sh /tmp/o.sh 600 60 1 1 >/dev/null 2>&1 </dev/null & pid=$!; ` +
      `n=0; until ls ${instances} | grep -q . || [ $n -gt ${mostSeconds} ]; do sleep 1; n=$((n + 1)); done; ls ${instances} | wc -l; ` +
      `kill -9 $pid; n=0; while ls ${instances} | grep -q . && [ $n -lt ${mostSeconds} ]; do sleep 1; n=$((n + 1)); done; ` +
      `ls ${instances} | wc -l'`,
  );
  assertEquals(said.trim().split(/\s+/), ["1", "0"]);
}
