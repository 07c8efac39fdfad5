-- What does KSM cost guests that run while it merges?
--
-- Of trials with live=on, in which KSM goes on scanning in the phases `touch`, `rewrite` and `restore`,
-- while the guests read and write, all guests together: exits are their vmexits, interrupt_exits those
-- for an interrupt of the host (its timer, and whoever wants the CPU to do something, such as to flush
-- a guest's TLB), faults the second-level page faults. flush_requests, flushes as in
-- flushes_per_merged_page, of these phases. ksmd_ns is the CPU time of ksmd, ticks_per_touch what a
-- touch of a page took the guest, in TSC ticks. One row a trial.
WITH running AS (
  SELECT trial, phase FROM phases WHERE phase IN ('touch', 'rewrite', 'restore')
),
exited AS (
  SELECT
    trial,
    sum(count) AS exits,
    coalesce(sum(count) FILTER (class = 'interrupt'), 0) AS interrupt_exits
  FROM exits
  JOIN running USING (trial, phase)
  GROUP BY trial
),
faulted AS (
  SELECT trial, sum(count) AS faults
  FROM faults
  JOIN running USING (trial, phase)
  WHERE NOT mmio
  GROUP BY trial
),
flushed AS (
  SELECT
    trial,
    sum(change) FILTER (stat = 'remote_tlb_flush_requests') AS flush_requests,
    sum(change) FILTER (stat = 'remote_tlb_flush') AS flushes,
    sum(change) FILTER (stat = 'change_pte_mapped') AS mapped
  FROM kvm_stats
  JOIN running USING (trial, phase)
  GROUP BY trial
),
work AS (
  SELECT trial, sum(run_ns) AS ksmd_ns
  FROM cpu
  JOIN running USING (trial, phase)
  WHERE task = 'ksmd'
  GROUP BY trial
),
touched AS (
  SELECT trial, sum(pages) AS touches, sum(ticks) / nullif(sum(pages), 0) AS ticks_per_touch
  FROM touch
  JOIN running USING (trial, phase)
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  exits,
  interrupt_exits,
  coalesce(faults, 0) AS faults,
  flush_requests,
  flushes,
  mapped,
  ksmd_ns,
  touches,
  ticks_per_touch
FROM trials
JOIN exited USING (trial)
LEFT JOIN faulted USING (trial)
LEFT JOIN flushed USING (trial)
LEFT JOIN work USING (trial)
LEFT JOIN touched USING (trial)
WHERE live = 'on'
ORDER BY workload, condition, arm, seed, trial
