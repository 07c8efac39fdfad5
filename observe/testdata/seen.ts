// SPDX-License-Identifier: Apache-2.0
/** What observe.sh says of a made-up host with two guests, on which KSM drops two pages. No number was measured. */

const trace = [
  "            ksmd-35      [001] .....  101.100000: kvm_unmap_hva_range: mmu notifier unmap range: 0x007f0000001000 -- 0x007f0000002000",
  "            ksmd-35      [001] ...1.  101.100010: kvm_tdp_mmu_spte_changed: as id 0 gfn 1 level 1 old_spte b704e67 new_spte 0",
  "            ksmd-35      [001] .....  101.200000: kvm_unmap_hva_range: mmu notifier unmap range: 0x007f9000001000 -- 0x007f9000002000",
  "            ksmd-35      [001] ...1.  101.200010: kvm_tdp_mmu_spte_changed: as id 0 gfn 1 level 1 old_spte b704e67 new_spte 0",
  "            ksmd-35      [001] .....  101.300000: kvm_unmap_hva_range: mmu notifier unmap range: 0x00550000001000 -- 0x00550000002000",
  "            ksmd-35      [001] ...1.  101.300010: kvm_tdp_mmu_spte_changed: as id 0 gfn 9 level 1 old_spte b704e67 new_spte 0",
  "       CPU 0/KVM-501     [000] .....  102.000000: kvm_page_fault: vcpu 0 rip 0xffffffff81179a8e address 0x0000000000001000 error_code 0x100000004",
  "       CPU 0/KVM-501     [000] .....  102.000010: kvm_page_fault: vcpu 0 rip 0xffffffff81179a8e address 0x0000000000001000 error_code 0x100000004",
  "       CPU 0/KVM-601     [000] .....  102.000020: kvm_page_fault: vcpu 0 rip 0xffffffff81179a8e address 0x0000000000001000 error_code 0x100000006",
  "       CPU 0/KVM-601     [000] .....  102.000030: kvm_page_fault: vcpu 0 rip 0xffffffff81179a8e address 0x00000000fee00000 error_code 0x10000000c",
];

function tick(at_s: number, exits: number, own_s: number, events: readonly string[]): string {
  const vm = (pid: number, map: string) =>
    `@ vm ${pid} qemu-system-x86
@ stats
exits ${exits * 2}
remote_tlb_flush_requests ${exits}
@ threads
${pid} qemu-system-x86
${pid + 1} CPU 0/KVM
@ stat
S 1 ${pid} 0 0 -1 0 0 0 0 0 ${exits} 50 0 0 20 0 1 0 5
@ merging
ksm_merging_pages 256
@ memory
${map} ---p [rollup]
Rss:              4096 kB
Pss:              2048 kB
@ maps
${map}`;
  return `@ tick ${at_s} ends
@ ksm
full_scans:${exits}
pages_shared:10
pages_sharing:30
pages_unshared:5
pages_volatile:0
pages_to_scan:100
sleep_millisecs:20
run:1
@ ksmd
${exits}000000 5 2
S 2 0 0
@ meminfo
MemTotal:        2048000 kB
MemFree:         1024000 kB
@ vmstat
cow_ksm ${exits}
@ hist exits
{ common_pid:        501, exit_reason:       1024 } hitcount:        ${exits}
{ common_pid:        601, exit_reason:      57005 } hitcount:          ${exits * 2}
    Dropped: 0
@ hist faults
{ common_pid:        501, error_code: 4294967300 } hitcount:         ${exits}
@ hist unmaps
{ common_pid:         35 } hitcount:       ${exits}
@ trace
${events.join("\n")}
@ dropped 0
${vm(500, "7f0000000000-7f0000100000")}
${vm(600, "7f9000000000-7f9000100000")}
@ self
0m${own_s}s 0m0.000000s
0m0.000000s 0m0.000000s
@ done
`;
}

/** All of it, to the last line. */
export const whole = `@ observe 1
@ host
arch x86_64
kernel 6.1.0
cpus 2
page_bytes 4096
vendor svm
npt Y
change_pte 
thp never
@ note Something is to be said.
${tick(100, 10, 0.5, [])}.
.
${tick(110, 110, 0.75, trace)}@ end 
`;
