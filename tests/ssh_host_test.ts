// SPDX-License-Identifier: Apache-2.0
/**
 * Trials on another machine by ssh: a Debian 12 with real KVM that boots in an emulator. What only metal
 * can show is in docs/HARDWARE.md.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { casesOf } from "../base/whole_tests.ts";
import { reportNothing } from "../base/report.ts";
import { between, inWords } from "../contract/disturbances.ts";
import { isA, readRecords } from "../contract/record.ts";
import { defaultSettings, type Settings } from "../contract/settings.ts";
import { identityOf, type Trial } from "../contract/trial.ts";
import { mostMerged } from "../hosts/command/canary.ts";
import { objectionToHost } from "../hosts/command/facts.ts";
import { trialName } from "../hosts/command/host.ts";
import { OnHost, Unreachable } from "../hosts/command/on_host.ts";
import { provideHosts } from "../hosts/command/provide.ts";
import { type Reach, sshReach } from "../hosts/command/reach.ts";
import type { Outcome } from "../hosts/host.ts";
import { parseAddresses } from "../hosts/ssh/address.ts";
import { freePort, startTestMachine, type TestMachine } from "../hosts/testing/machine.ts";
import { proxyTo } from "../hosts/testing/proxy.ts";
import { shapeOf } from "./shapes.ts";

const dir = await Deno.makeTempDir({ prefix: "s" });
const never = new AbortController().signal;
const settings: Settings = {
  ...defaultSettings,
  ...{ workload: "kernels", arm: "stock", guests: 2, touch_rounds: 1 },
};
const patience = { unreachable_s: 300, again_s: 1 };
const cutFor_ms = 3000;
const forEver_ms = 3_600_000;
/** Rounds of a trial that does not end before somebody has logged in and killed it. */
const endless = 1000;

function reach(address: string, config: string): Reach {
  return sshReach(parseAddresses(address)[0]!, {
    ...{ agentSocket: undefined, config, sockets: dir },
  });
}

/** What a trial changes there, as text. */
const watched = [
  "/sys/kernel/mm/ksm/pages_to_scan",
  "/sys/kernel/mm/ksm/run",
  "/sys/kernel/mm/transparent_hugepage/enabled",
  "/proc/sys/kernel/watchdog",
  "/sys/kernel/tracing/events/kvm/kvm_exit/trigger",
];

/** On which CPUs all others are. */
const allowed = ["systemctl", "show", "--property=AllowedCPUs", "--value", "system.slice"];

const sudoers = "/etc/sudoers.d/samepage-lab";

/** What is to be done there first, and undone behind it; settings that ask for too much. */
const unfit: { given?: string; taken?: string; changes?: Partial<Settings>; says: string }[] = [
  { changes: { arm: "on" }, says: "no switch kvm.change_pte" },
  { changes: { mmu: "shadow" }, says: "with second-level page tables" },
  { changes: { host_cpus: 4 }, says: "it has 2 cores" },
  { changes: { guests: 32 }, says: "MiB of memory" },
  { given: "modprobe -r kvm_amd", taken: "modprobe kvm_amd", says: "no /dev/kvm" },
  {
    given: "echo p:theirs do_exit >>/sys/kernel/tracing/kprobe_events",
    taken: "echo >/sys/kernel/tracing/kprobe_events",
    says: "somebody has probes there",
  },
  {
    given:
      'fallocate -l $(($(df -Pk /var | tail -n 1 | tr -s " " | cut -d " " -f 4) - 100000))K /var/full',
    taken: "rm /var/full",
    says: "MiB of free disk",
  },
];

function recordsOf(outcome: Outcome): Uint8Array {
  assertEquals(outcome.ended, "done", JSON.stringify(outcome).slice(0, 500));
  return (outcome as { records: Uint8Array }).records;
}

Deno.test("trials by ssh: refusals, a canary, a line that is cut, an agent and a lab that are killed", async (t) => {
  await using machine = await startTestMachine({ dir, report: reportNothing });
  try {
    await walk(t, machine);
  } catch (error) {
    console.error(`The machine's console:\n${(await machine.console()).slice(-3000)}`);
    throw error;
  }
});

async function walk(t: Deno.TestContext, machine: TestMachine): Promise<void> {
  /* Each builds on the one before. */
  const step = async (what: string, work: () => Promise<void>) => {
    if (!await t.step(what, work)) throw new Error(`it ends there: ${what}`);
  };
  using proxy = proxyTo(machine.port);
  const known = await Deno.readTextFile(join(dir, "known_hosts"));
  await Deno.writeTextFile(
    join(dir, "known_hosts"),
    known + known.replace(`:${machine.port} `, `:${proxy.port} `),
  );
  const address = `ssh://root@127.0.0.1:${proxy.port}`;
  const look = () => machine.root("head", ...watched);
  const before = await look();

  await step("who may not become root is told the line that sudo needs", async () => {
    const on = new OnHost(reach(`ssh://lab@127.0.0.1:${machine.port}`, machine.config));
    const error = await assertRejects(() => on.probe(), LabError, "may not become it");
    assertStringIncludes(error.next ?? "", "\n  lab ALL=(root) NOPASSWD: /bin/sh");
  });

  await step("who may, by that line, is root there", async () => {
    const line = "lab ALL=(root) NOPASSWD: /bin/sh";
    await machine.script(`umask 227; echo "${line}" >${sudoers}`);
    const on = new OnHost(reach(`ssh://lab@127.0.0.1:${machine.port}`, machine.config));
    assertEquals((await on.probe()).vendor, "svm");
  });

  await step(
    "a host that does not answer, and one that does not know the key, are refused",
    async () => {
      const nobody = new OnHost(reach(`ssh://root@127.0.0.1:${freePort()}`, machine.config));
      await assertRejects(() => nobody.probe(), Unreachable, "Connection refused");
      const config = join(dir, "stranger_config");
      const text = await Deno.readTextFile(machine.config);
      await Deno.writeTextFile(
        config,
        text.replace("/id_ed25519", "/inside/etc/ssh/ssh_host_ed25519_key"),
      );
      const stranger = new OnHost(reach(`ssh://root@127.0.0.1:${machine.port}`, config));
      await assertRejects(() => stranger.probe(), LabError, "it does not let this key in");
    },
  );

  await step("a host key that has changed is refused", async () => {
    const config = join(dir, "other_config");
    const other = known.replace(/(ssh-ed25519 .{30})./, (_, most) => `${most}A`)
      .replace(/.\n$/, "B\n");
    await Deno.writeTextFile(join(dir, "other_hosts"), other);
    const text = await Deno.readTextFile(machine.config);
    await Deno.writeTextFile(config, text.replace("/known_hosts", "/other_hosts"));
    const on = new OnHost(reach(`ssh://root@127.0.0.1:${machine.port}`, config));
    await assertRejects(() => on.probe(), LabError, "its key is not the one that is known");
  });

  await step("what does not fit is refused before anything is changed", async () => {
    for (const { given, taken, changes = {}, says } of unfit) {
      if (given !== undefined) await machine.script(given);
      const asked = {
        ...{ settings: [{ ...settings, ...changes } as Settings], slots: 1, fork: false },
        report: reportNothing,
      };
      await assertRejects(
        () => provideHosts("ssh", [reach(address, machine.config)], asked),
        LabError,
        says,
      );
      if (taken !== undefined) await machine.script(taken);
    }
    assertEquals(
      await machine.root("ls", "/var/lib/samepage-lab", "||", "echo", "nothing"),
      "nothing\n",
    );
  });

  /* Guests under the KVM of a machine that is emulated itself take minutes, and all of its time. */
  for (const part of casesOf([trials], () => [])) await part();

  await step("a lab that leaves leaves nothing", async () => {
    const on = new OnHost(reach(address, machine.config));
    await on.probe();
    assertEquals(await on.forget(), "");
    assertEquals(
      await machine.root("ls", "/var/lib/samepage-lab", "||", "echo", "nothing"),
      "nothing\n",
    );
  });

  /* Last, as only a restart lifts it. */
  for (const part of casesOf([lockDown], () => [])) await part();

  async function lockDown(): Promise<void> {
    await step("a kernel that is locked down is refused", async () => {
      await machine.script("echo confidentiality >/sys/kernel/security/lockdown");
      const probed = await new OnHost(reach(address, machine.config)).probe();
      assertStringIncludes(objectionToHost(probed) ?? "", "locked down (confidentiality)");
    });
  }

  async function trials(): Promise<void> {
    const said: string[] = [];
    const { fleet, inputsOf } = await provideHosts("ssh", [reach(address, machine.config)], {
      ...{ settings: [settings], slots: 1, fork: false, report: (line) => said.push(line) },
    }, patience);
    const trialOf = (seed: number, touch_rounds = settings.touch_rounds): Trial => {
      const phases = ["boot", "load", "settle", "merge", "touch", "end"] as const;
      const own = { ...settings, seed, touch_rounds };
      return {
        id: `t${seed}`,
        identity: identityOf(own, phases, inputsOf(own)),
        block: 0,
        settings: own,
        phases,
      };
    };

    await step("the canary merges, and everything is as it was behind it", async () => {
      await fleet.ready([trialOf(1)], "canaries");
      assert(said.some((line) => /the canary merged [1-9]/.test(line)), said.join("\n"));
      assertEquals(await look(), before);
    });

    await using host = await fleet.lease(0, never);
    let shape: string[] = [];

    await step("a line that is cut in the midst of it costs nothing", async () => {
      let cut = false;
      const records = recordsOf(
        await host.carryOut(trialOf(2), (lines) => {
          if (cut || !lines.includes('"load"')) return;
          cut = true;
          proxy.cut(cutFor_ms);
        }, never),
      );
      assert(cut, "the line was never cut");
      assert(mostMerged(records) > 0);
      shape = shapeOf(new TextDecoder().decode(records));
      const around = readRecords(new TextDecoder().decode(records))
        .filter((one) => isA(one, "surroundings"));
      assertEquals(around.map(({ event }) => event), ["before", "after"]);
      assertEquals(around.map(({ merged_elsewhere }) => merged_elsewhere), [0, 0]);
      assertEquals(inWords(between(around[0]!, around[1]!)), []);
      assertEquals(await look(), before);
    });

    await step("an agent that is killed is a failed trial, and the host is put back", async () => {
      let killing: Promise<string> | undefined;
      const outcome = await host.carryOut(trialOf(3, endless), (lines) => {
        if (!lines.includes('"load"')) return;
        killing ??= machine.root(
          ...allowed,
          ";",
          "kill",
          "-9",
          "$(cat /var/lib/samepage-lab/trials/*/pid)",
        );
      }, never);
      /* The trial has the last of two. */
      assertEquals(await killing, "0\n");
      assertEquals(await machine.root(...allowed), "\n");
      assertEquals(outcome.ended, "failed");
      assertStringIncludes((outcome as { reason: string }).reason, "its agent was killed");
      assertEquals(await look(), before);
    });

    await step(
      "with all its processes killed at once, and again, the host is put back",
      async () => {
        /* At each record from then on: what systemd starts behind it is killed as well, if it comes in time. */
        const killing: Promise<unknown>[] = [];
        const outcome = await host.carryOut(trialOf(4, endless), (lines) => {
          if (!lines.includes('"load"')) return;
          const words = ["systemctl", "kill", "-s", "KILL", "'samepage-lab-*'"];
          killing.push(machine.root(...words).catch(() => {}));
        }, never);
        await Promise.all(killing);
        assertEquals(outcome.ended, "failed");
        assertEquals(await look(), before);
      },
    );

    await step("what a lab that was killed had begun is picked up by the next", async () => {
      /* To the host it is the same as a line that is never whole again: nobody tells it anything. */
      using line = proxyTo(machine.port);
      await Deno.writeTextFile(
        join(dir, "known_hosts"),
        known.replace(`:${machine.port} `, `:${line.port} `),
        { append: true },
      );
      /* By sudo; who goes on with it is root. */
      const other = reach(`ssh://lab@127.0.0.1:${line.port}`, machine.config);
      const before_it = await provideHosts("ssh", [other], {
        ...{ settings: [settings], slots: 1, fork: false, report: reportNothing },
      }, { unreachable_s: 1, again_s: 1 });
      const trial = trialOf(5);
      const seen: string[] = [];
      await using gone = await before_it.fleet.lease(0, never);
      const outcome = await gone.carryOut(trial, (text) => {
        seen.push(text);
        if (text.includes('"load"')) line.cut(forEver_ms);
      }, never);
      assertEquals(outcome.ended, "lost");
      const runs = await machine.root("ls", "/var/lib/samepage-lab/trials");
      assertStringIncludes(runs, trialName(trial));
      const records = recordsOf(await host.carryOut(trial, () => {}, never));
      assertEquals(shapeOf(new TextDecoder().decode(records)), shape);
      /* What the host had counted before stands before it. */
      assert(new TextDecoder().decode(records).includes(seen.join("")), "it was done again");
      assertEquals(await look(), before);
    });

    await fleet.close();
  }
}

globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
