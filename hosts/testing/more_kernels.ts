// SPDX-License-Identifier: Apache-2.0
/** What a test machine needs so that another kernel's package can be installed, and booted by its boot loader. */
import type { MoreFiles } from "./keys.ts";

/** In the place of update-grub: writes an entry for a kernel, as it is installed and whenever a test wants. */
const writesEntry = `#!/bin/sh
sed -i '/^# other/,$d' /boot/grub/grub.cfg
cat >>/boot/grub/grub.cfg <<END
# other
menuentry 'Other' --id other {
  linux /boot/vmlinuz-$1 $(sed 's/BOOT_IMAGE=[^ ]* *//' /proc/cmdline) $(cat /root/more 2>/dev/null)
  initrd /boot/initrd.img-$1
}
END
`;

/** Where that is, to be called with a kernel's release. */
export const entryWriter = "/etc/kernel/postinst.d/zz-entry";

/** Files for {@linkcode startTestMachine}, which is to boot by its boot loader. */
export const moreKernels: MoreFiles = {
  [entryWriter.slice(1)]: writesEntry,
  /* Debian's own would look through all disks, for minutes, and write over that entry: run-parts leaves it. */
  "etc/kernel/postinst.d/zz-update-grub": "",
  /* What the archive for booting needs, and no more: all that a kernel has takes the emulator many minutes. */
  "etc/initramfs-tools/conf.d/modules": "MODULES=list\n",
  "etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\next4\n",
};
