// SPDX-License-Identifier: Apache-2.0
/** Made-up files of each form that can be imported. No number here was measured. */

const folder = "/sys/kernel/mm/ksm";

/** Five guests on a kernel without newer counters. */
export const fewCounters = {
  ...{ full_scans: 36, pages_shared: 162221, pages_sharing: 264281, pages_to_scan: 100 },
  ...{ pages_unshared: 241483, pages_volatile: 11984, run: 1, sleep_millisecs: 20 },
};

/** What a newer kernel has besides. */
export const moreCounters = {
  ...fewCounters,
  ...{ max_page_sharing: 256, merge_across_nodes: 1, stable_node_chains: 2, stable_node_dups: 9 },
  ...{ stable_node_chains_prune_millisecs: 2000, use_zero_pages: 1, ksm_zero_pages: 5120 },
  ...{ general_profit: -4096, pages_scanned: 9000000, pages_skipped: 77, smart_scan: 1 },
  ...{ advisor_max_cpu: 70, advisor_target_scan_time: 200 },
};

type Counters = Readonly<Record<string, number | string>>;

/** The ways in which people print that folder, by what they typed. */
export const printers: Readonly<Record<string, (counters: Counters) => string>> = {
  "grep . /sys/kernel/mm/ksm/*": printed((name, value) => `${folder}/${name}:${value}`),
  "cd; grep . *": printed((name, value) => `${name}:${value}`),
  "grep -H, numbered": printed((name, value) => `./${name}: ${value}`),
  "head -n -0 *": printed((name, value) => `==> ${name} <==\n${value}\n`),
  "tail -n +1 /sys/kernel/mm/ksm/*": printed((name, value) =>
    `==> ${folder}/${name} <==\n${value}\n`
  ),
  "for f in *; do echo $f; cat $f; done": printed((name, value) => `${name}\n${value}`),
  "cat, at a prompt": printed((name, value) => `root@host:~# cat ${folder}/${name}\n${value}`),
  "echo -n $f; cat $f": printed((name, value) => `${name} ${value}`),
  "name = value": printed((name, value) => `${name} = ${value}`),
  "name=value, tabs": printed((name, value) => `\t${name}=${value}`),
  "with CRLF": printed((name, value) => `${folder}/${name}:${value}\r`),
};

function printed(line: (name: string, value: number | string) => string) {
  return (counters: Counters) =>
    Object.entries(counters).map(([name, value]) => line(name, value)).join("\n") + "\n";
}

/** To 6.2. */
export const olderPerf = `

Analyze events for all VMs, all VCPUs:

             VM-EXIT    Samples  Samples%     Time%    Min Time    Max Time         Avg time 

                 npf       1200    60.00%    20.00%      0.50us     90.00us      4.00us ( +-   2.10% )
                 hlt        500    25.00%    79.50%      2.00us   4000.00us     38.00us ( +-   8.00% )
           interrupt        300    15.00%     0.50%      0.30us      9.00us      0.90us ( +-   1.00% )

Total Samples:2000, Total events handled time:24070.00us.

`;

/** From 6.3. */
export const newerPerf = `Analyze events for all VMs, all VCPUs:

          Event name    Samples   Sample%      Time (ns)     Time%   Max Time (ns)   Min Time (ns)  Mean Time (ns)
       EPT_VIOLATION       1200    60.00%        4800000    20.00%           90000             500            4000
       EPT_MISCONFIG        300    15.00%         270000     0.50%            9000             300             900
                 HLT        500    25.00%       19000000    79.50%         4000000            2000           38000
`;

export const script = `# ========
  CPU 0/KVM  4121/4125  [001]   310.000100: kvm:kvm_exit: vcpu 0 reason npf rip 0xffffffff81000000 info1 0x0
  CPU 0/KVM  4121/4125  [001]   310.000105: kvm:kvm_entry: vcpu 0, rip 0xffffffff81000000
  CPU 0/KVM  4121/4125  [001]   310.000200: kvm:kvm_exit: vcpu 0 reason hlt rip 0xffffffff81000000 info1 0x0
  CPU 1/KVM  4121/4126  [000]   310.000300: kvm:kvm_exit: vcpu 1 reason npf rip 0xffffffff81000000 info1 0x0
  CPU 1/KVM  4121/4126  [000]   310.000307: kvm:kvm_entry: vcpu 1, rip 0xffffffff81000000
  CPU 0/KVM  4121/4125  [001]   312.000100: kvm:kvm_exit: vcpu 0 reason 0x8f rip 0xffffffff81000000 info1 0x0
`;

export const perfReport =
  `# To display the perf.data header info, please use --header/--header-only options.
#
# Samples: 2K of event 'kvm:kvm_exit'
# Event count (approx.): 2000
#
# Overhead  Trace output
# ........  ....................
#
    60.00%  vcpu 0 reason EPT_VIOLATION rip 0x1000 info1 0x0
    15.00%  vcpu 1 reason EPT_VIOLATION rip 0x2000 info1 0x0
    25.00%  vcpu 0 reason HLT rip 0x3000 info1 0x0
`;

export const kvmexit =
  `Display kvm exit reasons and statistics for all threads after sleeping 6 secs.
PID      TID      KVM_EXIT_REASON                     COUNT
^C4121     4125     EXIT_REASON_EXTERNAL_INTERRUPT      175
4121     4125     EXIT_REASON_EPT_VIOLATION           60
4121     4126     EXIT_REASON_EOI_INDUCED             12
4300     4305     EXIT_REASON_EPT_VIOLATION           40
`;

export const kvmexitOfOne =
  `Display kvm exit reasons and statistics for PID 4121 after sleeping 5 secs.
KVM_EXIT_REASON                     COUNT
MSR_WRITE                           13467
EPT_VIOLATION                       18
`;

export const ksmtunedConf = `# Configuration file for ksmtuned.
KSM_MONITOR_INTERVAL=60
KSM_SLEEP_MSEC=10
KSM_NPAGES_BOOST=300
KSM_NPAGES_DECAY=-50
KSM_NPAGES_MIN=64
KSM_NPAGES_MAX=1250
KSM_THRES_COEF=20
KSM_THRES_CONST=2048
LOGFILE=/var/log/ksmtuned
DEBUG=1
`;

export const ksmtunedLog = `Fri Nov 27 10:00:00 UTC 2026: committed 60000000 free 20000000
Fri Nov 27 10:00:00 UTC 2026: 73421772 < 98000000 and free > 13421772, stop ksm
Fri Nov 27 10:01:00 UTC 2026: committed 90000000 free 9000000
Fri Nov 27 10:01:00 UTC 2026: 103421772 > 98000000, start ksm
Fri Nov 27 10:01:00 UTC 2026: 9000000 < 13421772, boost
Fri Nov 27 10:01:00 UTC 2026: KSMCTL start 300 10
Fri Nov 27 10:02:00 UTC 2026: committed 90000000 free 14000000
Fri Nov 27 10:02:00 UTC 2026: 103421772 > 98000000, start ksm
Fri Nov 27 10:02:00 UTC 2026: 14000000 > 13421772, decay
Fri Nov 27 10:02:00 UTC 2026: KSMCTL start 250 10
`;
