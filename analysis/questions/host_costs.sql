-- What does the host pay in each phase: locks, TLB flushes, ksmd's work, and instructions per exit?
--
-- Of trials with observe=costs. mmu_writes and mmu_reads are takings of KVM's mmu_lock (reader-writer
-- locks taken by functions of KVM's MMU and its notifier), tlb_flushes those of the host's own TLB,
-- flush_requests those that KVM asked of all of a guest's virtual CPUs, flush_interrupts those among them
-- for which a CPU had to be interrupted (remote_tlb_flush_requests, remote_tlb_flush of its statistics),
-- guest_tlb_flushes those that virtual CPUs then carried out (tlb_flush). exit_ns is the mean time
-- from a vmexit to the next entry, without halts and interrupts, during which others run;
-- exit_instructions the same in instructions (NULL where time is not counted in them), npf_ns that of
-- second-level faults (with shadow paging #PF). They hold what the probes cost themselves.
-- One row a trial and phase.
WITH cost AS (
  SELECT
    trial,
    phase,
    sum(count) FILTER (what = 'write lock' AND of_kvm) AS mmu_writes,
    sum(count) FILTER (what = 'read lock' AND of_kvm) AS mmu_reads,
    sum(count) FILTER (what = 'tlb flush') AS tlb_flushes
  FROM (
    SELECT
      host_costs.*,
      regexp_matches(key, 'kvm|tdp|direct_page_fault|paging(32|64)|shadow|mmu_') AS of_kvm
    FROM host_costs
  )
  GROUP BY trial, phase
),
left_guest AS (
  SELECT
    trial,
    phase,
    sum(count) FILTER (NOT waits) AS exits,
    sum(spent_ns) FILTER (NOT waits) AS exits_ns,
    sum(count) FILTER (is_fault) AS npf_exits,
    sum(spent_ns) FILTER (is_fault) AS npf_ns
  FROM exit_costs
  GROUP BY trial, phase
),
flushed AS (
  SELECT
    trial,
    phase,
    sum(change) FILTER (stat = 'tlb_flush') AS guest_tlb_flushes,
    sum(change) FILTER (stat = 'remote_tlb_flush_requests') AS flush_requests,
    sum(change) FILTER (stat = 'remote_tlb_flush') AS flush_interrupts
  FROM kvm_stats
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
  flush_requests,
  flush_interrupts,
  guest_tlb_flushes,
  coalesce(exits, 0) AS exits,
  exits_ns / nullif(exits, 0) AS exit_ns,
  exits_ns / nullif(exits, 0) / instruction_ns AS exit_instructions,
  npf_ns / nullif(npf_exits, 0) AS npf_ns,
  ksmd_ns
FROM trials
JOIN instruction_times USING (trial)
JOIN phases USING (trial)
LEFT JOIN cost USING (trial, phase)
LEFT JOIN left_guest USING (trial, phase)
LEFT JOIN flushed USING (trial, phase)
LEFT JOIN work USING (trial, phase)
WHERE observe = 'costs'
ORDER BY workload, condition, arm, seed, trial, ordinal
