-- What does one touch cost a guest, in each round after merging?
--
-- The mean over all touches of all guests of the trial, in TSC ticks. A touch is the reading of one
-- page, or one operation where the workload counts those: see unit. One row a trial, phase and round.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  round,
  unit,
  sum(pages) AS touches,
  sum(ticks) AS ticks,
  sum(ticks) / nullif(sum(pages), 0) AS ticks_per_touch
FROM trials
JOIN touch USING (trial)
GROUP BY ALL
ORDER BY workload, condition, arm, seed, trial, min(t_ns), round
