-- What does merging cost on a host that was observed, and what would change_pte spare there?
--
-- Over the phase `observe`, all guests together. dropped counts second-level mappings that KSM dropped, faults
-- read and fetch faults on pages that were not mapped, after_drop those of them whose page KSM had dropped last:
-- these change_pte would spare, and no more than dropped. Both are of the time in which events were kept
-- (followed_s). cow_breaks are merged pages that were written. NULL where the kernel does not say. One row a trial.
WITH observing AS (
  SELECT trial, duration_ns
  FROM phases
  WHERE phase = 'observe'
),
followed AS (
  SELECT
    trial,
    sum(dropped) AS dropped,
    sum(faults) AS faults,
    sum(after_drop) AS after_drop,
    sum(writes) AS writes,
    sum(unseen_ns) AS unseen_ns
  FROM after_merge
  WHERE phase = 'observe'
  GROUP BY trial
),
kvm AS (
  SELECT
    trial,
    sum(change) FILTER (stat = 'exits') AS kvm_exits,
    sum(change) FILTER (stat = 'pf_taken') AS pf_taken,
    sum(change) FILTER (stat = 'remote_tlb_flush') AS flushes,
    sum(change) FILTER (stat = 'remote_tlb_flush_requests') AS flush_requests,
    count(DISTINCT guest) AS machines
  FROM kvm_stats
  WHERE phase = 'observe'
  GROUP BY trial
),
work AS (
  SELECT
    trial,
    sum(run_ns) FILTER (task = 'ksmd') AS ksmd_ns,
    sum(run_ns) FILTER (task = 'vmm') AS vmm_ns
  FROM cpu
  WHERE phase = 'observe'
  GROUP BY trial
),
breaks AS (
  SELECT trial, sum(count) AS cow_breaks
  FROM vm_events
  WHERE phase = 'observe' AND event = 'cow_ksm'
  GROUP BY trial
),
exits_counted AS (
  SELECT trial, sum(count) AS exits
  FROM exits
  WHERE phase = 'observe'
  GROUP BY trial
)
SELECT
  trial,
  trials.arm,
  duration_ns / 1e9 AS span_s,
  (duration_ns - unseen_ns) / 1e9 AS followed_s,
  machines,
  exits,
  kvm_exits,
  pf_taken,
  dropped,
  faults,
  after_drop,
  writes,
  flushes,
  flush_requests,
  cow_breaks,
  ksmd_ns,
  vmm_ns
FROM trials
JOIN observing USING (trial)
LEFT JOIN followed USING (trial)
LEFT JOIN kvm USING (trial)
LEFT JOIN work USING (trial)
LEFT JOIN breaks USING (trial)
LEFT JOIN exits_counted USING (trial)
WHERE trial IN (SELECT trial FROM sources WHERE form = 'observed')
ORDER BY trial
