-- Do the kernel lines agree on what change_pte spares?
--
-- Refaults and merged pages as in refaults_per_merged_page. One row a trial; none if the run has one
-- `kernel` only.
SELECT
  workload,
  condition_without(condition, 'kernel') AS condition,
  kernel,
  arm,
  seed,
  trial,
  refaults,
  merged_pages,
  refaults / nullif(merged_pages, 0) AS refaults_per_merged_page
FROM trials
JOIN merged USING (trial)
JOIN refaulted USING (trial)
WHERE (SELECT count(DISTINCT kernel) FROM trials) > 1
ORDER BY workload, condition, kernel, arm, seed, trial
