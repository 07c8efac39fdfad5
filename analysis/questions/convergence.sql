-- How long, and how much work of ksmd, does it take until sharing no longer grows?
--
-- merge_s is the length of `merge`, which ends when pages_sharing has stood still for some full
-- scans or a limit is reached; to_99_percent_s is when 99 % of the sharing at its end was reached, as
-- far as the readings (one a full scan) can tell. Both in seconds of the host's clock. ksmd_cpu_s is
-- the CPU time of ksmd in `merge`. One row a trial.
WITH merging AS (
  SELECT trial, phase, begin_ns, duration_ns, ordinal
  FROM phases
  WHERE phase = 'merge'
),
reached AS (
  SELECT ksm.trial, min(t_ns) AS reached_ns, max(full_scans) AS scans_at_end
  FROM ksm
  JOIN merged USING (trial)
  WHERE ksm.phase = 'merge' AND ksm.pages_sharing >= 0.99 * merged.pages_sharing
  GROUP BY ksm.trial
),
scans_before AS (
  SELECT ksm.trial, max(full_scans) AS scans
  FROM ksm
  JOIN phases USING (trial, phase)
  JOIN merging USING (trial)
  WHERE phases.ordinal < merging.ordinal
  GROUP BY ksm.trial
),
work AS (
  SELECT trial, sum(run_ns) AS run_ns
  FROM cpu
  WHERE phase = 'merge' AND task = 'ksmd'
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  duration_ns / 1e9 AS merge_s,
  (reached_ns - begin_ns) / 1e9 AS to_99_percent_s,
  scans_at_end - coalesce(scans, 0) AS full_scans,
  run_ns / 1e9 AS ksmd_cpu_s,
  pages_shared,
  pages_sharing
FROM trials
JOIN merging USING (trial)
JOIN merged USING (trial)
LEFT JOIN reached USING (trial)
LEFT JOIN scans_before USING (trial)
LEFT JOIN work USING (trial)
ORDER BY workload, condition, arm, seed, trial
