// SPDX-License-Identifier: Apache-2.0
/**
 * What Debian's packages leave to be written by their scripts, which are not run: users, what starts at
 * boot, the way to log in. By path below the machine's root.
 */

/** Who logs in with a key: root, and one who may become root only where sudoers says so. */
export const users = ["root", "lab"] as const;

/** Beside those that every Debian has. */
const passwd = `sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
messagebus:x:102:102::/nonexistent:/usr/sbin/nologin
lab:x:1000:1000::/home/lab:/bin/sh
`;
const group = `sshd:x:101:
messagebus:x:102:
lab:x:1000:
`;

/** QEMU's user network gives the machine this address; nothing else is reached. */
const address = "10.0.2.15/24";

/** Brings what the test gives the machine: keys, sudoers; and the network up, without a daemon. */
const setup = `[Unit]
DefaultDependencies=no
After=systemd-tmpfiles-setup-dev.service
Before=network.target ssh.service sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/tar --extract --file=/dev/vdb --directory=/
ExecStart=/usr/sbin/modprobe virtio_net
ExecStart=-/usr/sbin/modprobe kvm_amd
ExecStart=/bin/sh -c 'until test -e /sys/class/net/eth0; do sleep 0.1; done'
ExecStart=/usr/sbin/ip address add ${address} dev eth0
ExecStart=/usr/sbin/ip link set lo up
ExecStart=/usr/sbin/ip link set eth0 up

[Install]
WantedBy=sysinit.target
`;

const sshd = `HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
AcceptEnv LC_ALL
Subsystem sftp /usr/lib/openssh/sftp-server
`;

/**
 * As grub-mkconfig writes it where GRUB_DEFAULT=saved: an entry for one boot only, by which the next
 * boot is the old one again.
 */
function grub(kernel: string): string {
  return `load_env
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="\${saved_entry}"
fi
set timeout=0
menuentry 'Debian' --id debian {
  linux /boot/vmlinuz-${kernel} ${commandLine}
  initrd /boot/initrd.img-${kernel}
}
source /boot/grub/custom.cfg
`;
}

/**
 * A TSC that is known early: on a busy machine its calibration fails. Mitigations protect nobody here
 * and cost the emulator a third of its time.
 */
export const commandLine =
  "root=/dev/vda rw console=ttyS0 net.ifnames=0 tsc_early_khz=2000000 mitigations=off panic=5 " +
  "systemd.show_status=0 systemd.getty_auto=0";

/** Everybody is let in: who may log in at all is sshd's business. */
const pam = (kind: string) => `${kind} required pam_permit.so\n`;

/** The files, by path, with what they say. */
export function machineFiles(kernel: string): Record<string, string> {
  return {
    "etc/hostname": "testhost\n",
    "etc/hosts": "127.0.0.1 localhost testhost\n",
    "etc/machine-id": "5a3e9a6e000040008000000000000002\n",
    "etc/fstab": "",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
    "etc/shadow": ["root", "sshd", "messagebus", "lab"]
      .map((user) => `${user}:*:19000:0:99999:7:::\n`).join(""),
    "etc/ssh/sshd_config": sshd,
    "etc/systemd/system/machine-setup.service": setup,
    "etc/systemd/journald.conf.d/keep.conf": "[Journal]\nStorage=persistent\n",
    "etc/default/grub": "GRUB_DEFAULT=saved\n",
    "boot/grub/grub.cfg": grub(kernel),
    "boot/grub/custom.cfg": "",
    ...Object.fromEntries(
      ["auth", "account", "password", "session", "session-noninteractive"].map((name) => [
        `etc/pam.d/common-${name}`,
        pam(name.split("-")[0]!),
      ]),
    ),
  };
}

/** Added behind what a file of the packages says. */
export const additions: Readonly<Record<string, { from: string; more: string }>> = {
  "etc/passwd": { from: "usr/share/base-passwd/passwd.master", more: passwd },
  "etc/group": { from: "usr/share/base-passwd/group.master", more: group },
};

/**
 * What a machine with two devices and one who logs in can do without, each of which takes the emulator
 * seconds. The kernel itself makes the nodes of devices.
 */
const masked = [
  ...["systemd-udevd.service", "systemd-udev-trigger.service", "systemd-udevd-control.socket"],
  ...["systemd-udevd-kernel.socket", "systemd-udev-settle.service", "systemd-logind.service"],
  ...["dbus.service", "dbus.socket", "getty.target", "getty@tty1.service"],
  ...["sys-kernel-config.mount", "sys-fs-fuse-connections.mount", "dev-hugepages.mount"],
  ...["dev-mqueue.mount", "kmod-static-nodes.service", "systemd-update-utmp.service"],
  ...["systemd-update-utmp-runlevel.service", "systemd-random-seed.service"],
  ...["e2scrub_reap.service", "e2scrub_all.timer", "dpkg-db-backup.timer", "fstrim.timer"],
  ...["systemd-pstore.service", "kexec.service", "kexec-load.service"],
  ...["systemd-tmpfiles-clean.timer", "systemd-remount-fs.service"],
];

/** Links: what starts at boot, what must not, and names that alternatives would have. */
export const links: Readonly<Record<string, string>> = {
  "etc/systemd/system/default.target": "/lib/systemd/system/multi-user.target",
  "etc/systemd/system/multi-user.target.wants/ssh.service": "/lib/systemd/system/ssh.service",
  "etc/systemd/system/sysinit.target.wants/machine-setup.service":
    "/etc/systemd/system/machine-setup.service",
  ...Object.fromEntries(
    masked.map((unit) => [`etc/systemd/system/${unit}`, "/dev/null"]),
  ),
  "usr/bin/awk": "mawk",
  "etc/mtab": "../proc/self/mounts",
};

/** The first program: it loads what the disk needs and goes on from there. */
export const firstInit = `#!/bin/busybox sh
busybox mount -t devtmpfs dev /dev
for module in /modules/*.ko; do busybox insmod "$module"; done
until busybox mount -t ext4 /dev/vda /root; do busybox sleep 0.1; done
busybox mount --move /dev /root/dev
exec busybox switch_root /root /sbin/init
`;
