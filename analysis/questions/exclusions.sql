-- Which trials are left out of the comparisons between arms, and why?
--
-- A trial that failed or was never run has no numbers. One that is done but has no partner (a trial of
-- equal workload, condition and seed in another arm) cannot be compared. One row a trial left out;
-- none: nothing was.
WITH done AS (
  SELECT workload, condition, seed, count(DISTINCT arm) AS arms
  FROM trials
  WHERE status = 'done'
  GROUP BY workload, condition, seed
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  status,
  CASE status
    WHEN 'failed' THEN coalesce(trials.reason, 'failed')
    WHEN 'waiting' THEN 'not run'
    ELSE 'no other arm has a finished trial of this workload, condition and seed'
  END AS why
FROM trials
LEFT JOIN done USING (workload, condition, seed)
WHERE status <> 'done' OR arms < 2
ORDER BY workload, condition, arm, seed, trial
