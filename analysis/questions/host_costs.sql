-- What does the host pay in each phase: locks, TLB flushes, ksmd's work, and instructions per exit?
--
-- Of trials with observe=costs. mmu_writes and mmu_reads are takings of KVM's mmu_lock (reader-writer
-- locks taken by functions of KVM's MMU and its notifier), tlb_flushes those of the host's own TLB,
-- guest_tlb_flushes those that KVM asked of virtual CPUs (tlb_flush of its statistics). exit_ns is the
-- mean time from a vmexit to the next entry, without halts and interrupts, during which others run;
-- npf_ns that of nested page faults (with shadow paging #PF). They hold what the probes cost themselves.
-- Exits have SVM's codes there: 96 is an interrupt, 120 HLT, 1024 a nested page fault, 78 #PF.
-- One row a trial and phase.
WITH cost AS (
  SELECT
    trial,
    phase,
    sum(count) FILTER (what = 'write lock' AND of_kvm) AS mmu_writes,
    sum(count) FILTER (what = 'read lock' AND of_kvm) AS mmu_reads,
    sum(count) FILTER (what = 'tlb flush') AS tlb_flushes,
    sum(count) FILTER (what = 'exit' AND key NOT IN ('96', '120')) AS exits,
    sum(spent_ns) FILTER (what = 'exit' AND key NOT IN ('96', '120')) AS exits_ns,
    sum(count) FILTER (what = 'exit' AND key IN ('1024', '78')) AS npf_exits,
    sum(spent_ns) FILTER (what = 'exit' AND key IN ('1024', '78')) AS npf_ns
  FROM (
    SELECT
      *,
      regexp_matches(key, 'kvm|tdp|direct_page_fault|paging(32|64)|shadow|mmu_') AS of_kvm
    FROM host_costs
  )
  GROUP BY trial, phase
),
flushed AS (
  SELECT trial, phase, sum(change) AS guest_tlb_flushes
  FROM kvm_stats
  WHERE stat = 'tlb_flush'
  GROUP BY trial, phase
),
work AS (
  SELECT trial, phase, sum(run_ns) AS ksmd_ns
  FROM cpu
  WHERE task = 'ksmd'
  GROUP BY trial, phase
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  coalesce(mmu_writes, 0) AS mmu_writes,
  coalesce(mmu_reads, 0) AS mmu_reads,
  coalesce(tlb_flushes, 0) AS tlb_flushes,
  guest_tlb_flushes,
  coalesce(exits, 0) AS exits,
  exits_ns / nullif(exits, 0) AS exit_ns,
  npf_ns / nullif(npf_exits, 0) AS npf_ns,
  ksmd_ns
FROM trials
JOIN phases USING (trial)
LEFT JOIN cost USING (trial, phase)
LEFT JOIN flushed USING (trial, phase)
LEFT JOIN work USING (trial, phase)
WHERE observe = 'costs'
ORDER BY workload, condition, arm, seed, trial, ordinal
