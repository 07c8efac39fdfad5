-- How many second-level faults does the trace leave unexplained?
--
-- Traced trials only (--trace), accesses to devices apart. after_merge are the faults of the phases that
-- follow `merge`. One row a trial.
WITH merging AS (
  SELECT trial, ordinal AS merge_ordinal
  FROM phases
  WHERE phase = 'merge'
)
SELECT
  workload,
  condition,
  mmu,
  arm,
  seed,
  trial,
  count(*) AS faults,
  count(*) FILTER (cause = 'unexplained') AS unexplained,
  count(*) FILTER (phase_ordinal > merge_ordinal) AS after_merge,
  count(*) FILTER (phase_ordinal > merge_ordinal AND cause = 'unexplained')
    AS after_merge_unexplained,
  count(*) FILTER (phase_ordinal > merge_ordinal AND cause = 'unexplained')
    / nullif(count(*) FILTER (phase_ordinal > merge_ordinal), 0) AS unexplained_share
FROM fault_causes
JOIN trials USING (trial_number)
JOIN merging USING (trial)
WHERE cause <> 'device'
GROUP BY workload, condition, mmu, arm, seed, trial
ORDER BY workload, condition, arm, seed, trial
