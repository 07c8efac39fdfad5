// SPDX-License-Identifier: Apache-2.0
/**
 * Another kernel on a machine that boots by its boot loader: one that is restarted in word alone, a kernel
 * that panics, one that hangs, and a good one. Restarts take minutes: they are carried out by name.
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { reportNothing } from "../base/report.ts";
import { LabError } from "../base/errors.ts";
import { casesOf } from "../base/whole_tests.ts";
import { fetchDeb } from "../debian/debian.ts";
import { OnHost } from "../hosts/command/on_host.ts";
import { sshReach } from "../hosts/command/reach.ts";
import { kernelPackage } from "../hosts/prepare/package.ts";
import { prepare, undo } from "../hosts/prepare/prepare.ts";
import { parseAddresses } from "../hosts/ssh/address.ts";
import { startTestMachine, untilItAnswers } from "../hosts/testing/machine.ts";
import { entryWriter, moreKernels } from "../hosts/testing/more_kernels.ts";
import { lockOf } from "../kernel/lock.ts";

/** Debian's kernel of another line than the one that the machine runs. */
const otherLine = "6.12";

/** As the first program: what is on the disk is not written any more. */
const panics = `#!/bin/sh
echo c >/proc/sysrq-trigger
`;

/** As the first program: nobody can log in, until it starts the machine anew like somebody at its switch. */
const hangs = `#!/bin/sh
sleep 150
echo b >/proc/sysrq-trigger
`;

/** In the place of what restarts the machine. */
const wordAlone = "#!/bin/sh\nexit 0\n";

/** A busy machine takes its time. */
const patient_s = 1500;

const cases = [
  {
    what: "restarts in word alone",
    before: "mkdir -p /usr/local/bin && ln -sf /root/word-alone /usr/local/bin/systemctl",
    ...{ wait_s: 20, prepared: false, says: "still the same boot" },
  },
  {
    what: "a kernel that panics",
    before: "rm -f /usr/local/bin/systemctl; echo init=/root/panics >/root/more",
    ...{ wait_s: patient_s, prepared: false, says: "did not come up" },
    leaves: "the journal, which knows nothing of that boot",
  },
  {
    what: "a kernel that hangs",
    before: "echo init=/root/hangs >/root/more",
    ...{ wait_s: 60, prepared: false, says: "has not answered" },
  },
  {
    what: "a good kernel",
    before: "rm /root/more",
    ...{ wait_s: patient_s, prepared: true, says: "with KVM and without the switch" },
  },
];

Deno.test("a host is told to boot another kernel once, and is not believed", async (t) => {
  const dir = await Deno.makeTempDir({ prefix: "s" });
  try {
    const deb = await fetchDeb(lockOf(otherLine).image!, { report: reportNothing });
    const kernel = await kernelPackage(deb.path);
    const files = {
      ...moreKernels,
      "root/panics": panics,
      "root/hangs": hangs,
      "root/word-alone": wordAlone,
    };
    await using machine = await startTestMachine({
      ...{ dir, report: reportNothing, loader: true, files },
    });
    const address = parseAddresses(`ssh://root@127.0.0.1:${machine.port}`)[0]!;
    const environment = { agentSocket: undefined, config: machine.config, sockets: dir };
    const on = new OnHost(sshReach(address, environment));
    const kernels = () => machine.root("ls", "/boot", "/boot/grub/grubenv");
    const before = await kernels();

    await t.step("what cannot boot it once is refused before anything is changed", async () => {
      const options = { kernel, way: "systemd-boot", wait_s: 1, report: reportNothing } as const;
      await assertRejects(() => prepare(on, options), LabError, "by systemd-boot");
      assertEquals(await kernels(), before);
    });

    for (const one of casesOf(cases, () => [])) {
      await t.step(one.what, async () => {
        await machine.script(`${one.before}; ${entryWriter} ${kernel.release}`);
        const said: string[] = [];
        const report = (line: string) => void said.push(line);
        const verdict = await prepare(on, { kernel, wait_s: one.wait_s, report });
        assertStringIncludes(verdict.says, one.says);
        assertEquals(verdict.prepared, one.prepared, verdict.says);
        if ("leaves" in one) assertStringIncludes(said.join("\n"), one.leaves);
        await untilItAnswers(machine);
      });
    }

    await t.step("what was prepared is taken back", async () => {
      const said = await undo(on);
      const running = (await machine.root("uname", "-r")).trim() === kernel.release;
      assertEquals(
        said,
        running
          ? `failed=the package ${kernel.name}, whose kernel runs now: restart the host first\n`
          : "",
      );
      assertEquals(await machine.root("cat", "/boot/grub/custom.cfg"), "");
      if (!running) assertEquals(await kernels(), before);
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
