-- Which trials that were measured in time were disturbed, and by what?
--
-- What the host counted before a trial is taken from what it counted behind it: throttled is how often the
-- trial's CPUs were slowed down for their heat (NULL where the processor does not count it), stolen_ms the
-- time of theirs that another machine had, stolen_share its part of the trial's time on one CPU.
-- merged_before are pages that KSM had merged before the trial, all of which it unmerges at its
-- beginning, merged_elsewhere those of other processes behind it, which KSM's numbers of the trial hold
-- (NULL where the kernel does not say). One row a trial.
WITH around AS (
  SELECT
    trial,
    max(throttled) FILTER (event = 'after') - max(throttled) FILTER (event = 'before') AS throttled,
    max(stolen_ns) FILTER (event = 'after') - max(stolen_ns) FILTER (event = 'before') AS stolen_ns,
    max(pages_sharing) FILTER (event = 'before') AS merged_before,
    max(merged_elsewhere) FILTER (event = 'after') AS merged_elsewhere
  FROM surroundings
  GROUP BY trial
  HAVING count(DISTINCT event) = 2
),
lasted AS (
  SELECT trial, max(end_ns) - min(begin_ns) AS trial_ns
  FROM phases
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  throttled,
  stolen_ns / 1e6 AS stolen_ms,
  stolen_ns / nullif(trial_ns, 0) AS stolen_share,
  merged_before,
  merged_elsewhere
FROM trials
JOIN around USING (trial)
JOIN lasted USING (trial)
WHERE status = 'done'
ORDER BY workload, condition, arm, seed, trial
