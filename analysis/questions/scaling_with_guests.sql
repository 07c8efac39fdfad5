-- How do refaults and the memory saved grow with the number of guests?
--
-- Refaults and merged pages as in refaults_per_merged_page. saved_mib is the fall of the host's memory
-- in use from the end of the phase before `merge` to its end; NULL if there is no such phase. One row a
-- trial; none if the run has one number of guests only.
WITH saved AS (
  SELECT merging.trial, (before.host_kib - after.host_kib) / 1024 AS saved_mib
  FROM phases AS merging
  JOIN phases AS previous
    ON previous.trial = merging.trial AND previous.ordinal = merging.ordinal - 1
  JOIN memory_in_use AS before
    ON before.trial = previous.trial AND before.phase = previous.phase
  JOIN memory_in_use AS after ON after.trial = merging.trial AND after.phase = merging.phase
  WHERE merging.phase = 'merge'
)
SELECT
  workload,
  condition_without(condition, 'guests') AS condition,
  guests,
  arm,
  seed,
  trial,
  refaults,
  merged_pages,
  refaults / guests AS refaults_per_guest,
  refaults / nullif(merged_pages, 0) AS refaults_per_merged_page,
  saved_mib
FROM trials
JOIN merged USING (trial)
JOIN refaulted USING (trial)
LEFT JOIN saved USING (trial)
WHERE (SELECT count(DISTINCT guests) FROM trials) > 1
ORDER BY workload, condition, guests, arm = 'on', arm, seed, trial
