-- How many second-level mappings did the kernel change in place, and how often could it not?
--
-- The kernel's own counters, all guests of a trial together: updated are PTEs rewritten in place,
-- zapped those it could only drop, missed the calls that found none, unmapped the mappings dropped
-- before the call came. An unpatched kernel has no such counters. One row a trial and phase.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  sum(updated) AS updated,
  sum(zapped) AS zapped,
  sum(missed) AS missed,
  sum(unmapped) AS unmapped
FROM trials
JOIN mapped USING (trial)
JOIN phases USING (trial, phase)
GROUP BY ALL
ORDER BY workload, condition, arm, seed, trial, ordinal
