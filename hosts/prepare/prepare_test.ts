// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import { run } from "../../base/process.ts";
import { wayOn } from "./prepare.ts";

const looked = {
  ways: "grub kexec",
  dpkg: "/usr/bin/dpkg",
  systemctl: "/bin/systemctl",
  boot_mib: "900",
};
const idle = { running: "" };

Deno.test("wayOn() takes the boot loader, and kexec only where it is asked for", () => {
  assertEquals(wayOn(looked, idle, undefined, "h"), "grub");
  assertEquals(wayOn(looked, idle, "kexec", "h"), "kexec");
  assertThrows(() => wayOn({ ...looked, ways: "kexec" }, idle, undefined, "h"), LabError, "once");
});

Deno.test("wayOn() refuses, before anything is changed, what cannot come to a good end", () => {
  const refused = [
    [{ ...looked, ways: "" }, idle, undefined, "neither a GRUB"],
    [looked, idle, "systemd-boot", "by systemd-boot"],
    [{ ...looked, dpkg: "" }, idle, undefined, "no dpkg"],
    [{ ...looked, systemctl: "" }, idle, undefined, "no systemd"],
    [{ ...looked, boot_mib: "20" }, idle, undefined, "/boot has 20 MiB left"],
    [looked, { running: "t1" }, undefined, "the trial t1 runs there"],
  ] as const;
  for (const [there, host, asked, says] of refused) {
    assertThrows(() => wayOn(there, host, asked, "h"), LabError, says);
  }
});

/** As update-grub of Debian 12 writes it, with a submenu. */
const grubConfig = `load_env
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1234' {
\tload_video
\tif [ x$grub_platform = xxen ]; then insmod xzio; fi
\tlinux\t/boot/vmlinuz-6.1.0-56-amd64 root=UUID=1234 ro  quiet
\tinitrd\t/boot/initrd.img-6.1.0-56-amd64
}
submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-1234' {
\tmenuentry 'Debian GNU/Linux, with Linux 6.1.192 (recovery mode)' --class debian {
\t\tlinux\t/boot/vmlinuz-6.1.192 root=UUID=1234 ro single
\t\tinitrd\t/boot/initrd.img-6.1.192
\t}
\tmenuentry 'Debian GNU/Linux, with Linux 6.1.192' --class debian {
\t\tinsmod part_gpt
\t\tlinux\t/boot/vmlinuz-6.1.192 root=UUID=1234 ro  quiet
\t\tinitrd\t/boot/initrd.img-6.1.192
\t}
}
`;

/** What a function of kernel.sh says. */
async function shell(...words: string[]): Promise<string> {
  const { stdout } = await run("sh", [join(import.meta.dirname!, "kernel.sh"), ...words], {
    purpose: "try a function of kernel.sh",
    timeLimit_s: 60,
  });
  return stdout;
}

Deno.test("the lab's own entry is the distribution's of that kernel, and a panic restarts it", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, grubConfig);
    const entry = await shell("own_entry", "6.1.192", path);
    assertEquals(entry.split("\n").map((line) => line.trim()), [
      'menuentry "Samepage Lab, 6.1.192" --id samepage-lab {',
      "insmod part_gpt",
      "linux\t/boot/vmlinuz-6.1.192 root=UUID=1234 ro  quiet panic=30",
      "initrd\t/boot/initrd.img-6.1.192",
      "}",
      "",
    ]);
    assertEquals(await shell("own_entry", "6.1.19", path), "");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("what somebody has in custom.cfg stays when the lab's entry goes", async () => {
  const path = await Deno.makeTempFile();
  try {
    const theirs = "menuentry 'mine' {\n}\n";
    await Deno.writeTextFile(
      path,
      `${theirs}# samepage-lab begins: removed\nmenuentry x {\n}\n# samepage-lab ends\nset a=b\n`,
    );
    const left = await shell("without_own", path);
    assertEquals(left, `${theirs}set a=b\n`);
    assertStringIncludes(left, "mine");
  } finally {
    await Deno.remove(path);
  }
});
