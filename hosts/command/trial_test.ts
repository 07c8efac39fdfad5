// SPDX-License-Identifier: Apache-2.0
/**
 * How a trial is begun, followed, ended and put back on a host: the shell's texts themselves, on a made-up
 * machine in namespaces, without KVM and systemd. tests/ssh_host_test.ts has both.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { run } from "../../base/process.ts";
import { disturbancesIn } from "../../contract/disturbances.ts";
import { withCounted } from "./around.ts";
import { script } from "./on_host.ts";

const limit_s = 300;

/** What the made-up machine says, by headings. */
async function scenes(): Promise<Map<string, string>> {
  const dir = await Deno.makeTempDir();
  try {
    const text = join(dir, "text.sh");
    await Deno.writeFile(text, script);
    const machine = join(import.meta.dirname!, "testdata/made_up_host.sh");
    const namespaces = ["--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"];
    const { stdout } = await run("unshare", [...namespaces, "sh", machine, dir, text], {
      ...{ purpose: "carry out trials on a made-up machine", timeLimit_s: limit_s },
    });
    return new Map(
      stdout.split(/^# /m).slice(1).map((scene): [string, string] => {
        const at = scene.indexOf("\n");
        return [scene.slice(0, at), scene.slice(at + 1)];
      }),
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** From this byte on it was followed: the first record has as many. */
const followedFrom = 58;

const before = "1 on powersave \n";
const records = '{"t_ns":1,"phase":"boot","kind":"phases","event":"begin"}\n' +
  '{"t_ns":2,"phase":"boot","kind":"phases","event":"end"}\n';

Deno.test("on a host a trial begins once, is followed from any byte, and leaves all as it was, also when it is killed", async () => {
  const said = await scenes();
  assertEquals(
    said.get("a trial"),
    [
      before + "state=begun\n",
      /* As its agent found it: no hyperthreads, the governor for measuring; KSM is the agent's own business. */
      "1 off performance \n",
      "busy=t1\n",
      records.slice(followedFrom),
      `status=0\nbytes=${records.length}\nsaid=\n` + before,
    ].join(""),
  );
  assertEquals(said.get("picked up"), "state=again\n");
  assertEquals(said.get("killed"), `state=begun\nstatus=137\n${before}`);
  const alone = "state=begun\nchanged=1\ntrial=t4 killed\n";
  assertEquals(said.get("killed, and nobody asks"), alone + before);
  assertEquals(said.get("forgotten"), "");
  /* Its first CPU became too hot five times. */
  const whole = withCounted(new TextEncoder().encode(records), said.get("counted")!, [0]);
  const disturbed = disturbancesIn(whole);
  assert(
    disturbed.includes("its CPUs were slowed down for their heat (counted: 5)"),
    disturbed.join(),
  );
});
