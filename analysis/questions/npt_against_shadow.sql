-- What does change_pte spare with nested paging, and what with shadow paging?
--
-- Refaults and merged pages as in refaults_per_merged_page. With shadow paging the guest's own page
-- faults go through the same place and have the same codes, so they are among the refaults of both
-- arms. One row a trial; none if the run has one `mmu` only.
SELECT
  workload,
  condition_without(condition, 'mmu') AS condition,
  mmu,
  arm,
  seed,
  trial,
  refaults,
  merged_pages,
  refaults / nullif(merged_pages, 0) AS refaults_per_merged_page
FROM trials
JOIN merged USING (trial)
JOIN refaulted USING (trial)
WHERE (SELECT count(DISTINCT mmu) FROM trials) > 1
ORDER BY workload, condition, mmu, arm, seed, trial
