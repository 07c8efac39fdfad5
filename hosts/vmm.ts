// SPDX-License-Identifier: Apache-2.0
/**
 * The command line of the guests' VMM, QEMU's microvm: made from a trial's settings, carried by the
 * plan, started by the agent, which knows nothing of it. Paths are those of the image.
 */
import type { PlanLine } from "../contract/plan.ts";
import type { Settings } from "../contract/settings.ts";
import { isDebianKernel } from "../kernel/lines.ts";

/** What of a trial's settings a VMM depends on. */
export type VmmSettings = Pick<
  Settings,
  "carrier" | "guest_kernel" | "guest_memory_mib" | "aslr" | "vcpus"
>;

/** With `-name ...,debug-threads=on`, QEMU calls the thread of a virtual CPU so. */
const threadName = "CPU {vcpu}/KVM";

/**
 * The plan's lines about the VMM, none where a trial has none: `vmm.kinds` (guest n is of kind n
 * modulo that), `vmm.vcpu_thread` (what the thread of a virtual CPU is called), and in order
 * `vmm.argument` (for all guests) and `vmm.argument.K` (for those of kind K), the program first.
 * The agent puts the guest's number for `{guest}`, its own root for `{root}`.
 *
 * @param disk where the guests' disk lies in the image, if they have one.
 */
export function vmmLines(settings: VmmSettings, disk: string | undefined): PlanLine[] {
  if (settings.carrier !== "vm") return [];
  const kernels = settings.guest_kernel.split("+");
  return [
    ["vmm.kinds", kernels.length],
    ["vmm.vcpu_thread", threadName],
    ...forAll(beforeKernel),
    ...kernels.flatMap((kernel, kind) =>
      kernelArguments(kernel, settings).map((value) => [argumentOf(kind, kernels), value] as const)
    ),
    ...forAll(afterKernel(settings, disk)),
  ];
}

function forAll(values: readonly string[]): PlanLine[] {
  return values.map((value) => ["vmm.argument", value]);
}

/** Where all guests are of one kind, their arguments are everybody's. */
function argumentOf(kind: number, kernels: readonly string[]): string {
  return kernels.length === 1 ? "vmm.argument" : `vmm.argument.${kind}`;
}

const beforeKernel = [
  ["{root}/vmm"],
  ["-L", "{root}/firmware"],
  ["-bios", "bios-microvm.bin"],
  ["-accel", "kvm"],
  /*
   * Without XSAVE: the emulated SVM does not intercept XSETBV, so that KVM does not learn what a guest
   * has enabled, CPUID gives another size of its state than the guest's kernel expects, and that warns.
   */
  ["-cpu", "host,-xsave"],
  ["-nodefaults"],
  ["-no-user-config"],
  ["-no-reboot"],
  ["-display", "none"],
  ["-name", "guest,debug-threads=on"],
].flat();

function kernelArguments(kernel: string, { aslr }: VmmSettings): string[] {
  /* A distribution's finds its devices through ACPI alone, needs modules, and moves itself about. */
  const distributed = isDebianKernel(kernel);
  const acpi = distributed ? "on" : "off";
  /*
   * Until the virtio console is there, the serial port takes what the kernel says. The level comes
   * first: each character would cost two exits to the VMM.
   * panic=-1: a guest that dies ends its VMM at once, and the agent hears of it.
   */
  const append = [
    "loglevel=1 console=hvc0 earlyprintk=ttyS0 panic=-1 reboot=t",
    ...(aslr === "on" ? [] : ["norandmaps"]),
    ...(aslr === "off" && distributed ? ["nokaslr"] : []),
  ];
  return [
    /* mem-merge: the VMM tells KSM that it may merge the guest's memory. */
    ["-M", `microvm,rtc=off,pit=off,pic=off,acpi=${acpi},isa-serial=on,mem-merge=on`],
    ["-kernel", `{root}/guest/vmlinux-${kernel}`],
    ["-initrd", `{root}/guest/initrd${distributed ? `-${kernel}` : ""}`],
    ["-append", append.join(" ")],
  ].flat();
}

function afterKernel({ guest_memory_mib, vcpus }: VmmSettings, disk: string | undefined): string[] {
  /* The firmware's MP table, all that a kernel without ACPI has, lists one CPU of each package. */
  const cpus = vcpus === 1 ? "1" : `${vcpus},sockets=${vcpus}`;
  return [
    ["-m", `${guest_memory_mib}M`],
    ["-smp", cpus],
    ["-chardev", "file,id=early,path={root}/run/guest-{guest}.early"],
    ["-serial", "chardev:early"],
    ["-chardev", "pipe,id=lab,path={root}/run/guest-{guest}.channel"],
    /* One port: the guest's driver fills each queue with a thousand buffers of a page. */
    ["-device", "virtio-serial-device,max_ports=1,bus=virtio-mmio-bus.7"],
    ["-device", "virtconsole,chardev=lab"],
    ...(disk === undefined ? [] : [
      ["-drive", `file={root}${disk},format=raw,if=none,id=disk,read-only=on`],
      /*
       * Slot n has interrupt 5 + n. The firmware's MP table routes 5, 9, 10 and 11 to PCI only, so
       * a device on slot 0 or 4 to 6 would never be heard.
       */
      ["-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.2"],
    ]),
  ].flat();
}
