-- How do refaults and the memory saved grow with the number of guests?
--
-- Refaults and merged pages as in refaults_per_merged_page. saved_mib is the fall of the host's memory
-- in use from the end of the phase before `merge` to its end; NULL if there is no such phase. One row a
-- trial; none if the run has one number of guests only.
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
  saved_kib / 1024 AS saved_mib
FROM trials
JOIN merged USING (trial)
JOIN refaulted USING (trial)
LEFT JOIN memory_saved ON memory_saved.trial = trials.trial AND memory_saved.phase = 'merge'
WHERE (SELECT count(DISTINCT guests) FROM trials) > 1
ORDER BY workload, condition, guests, arm = 'on', arm, seed, trial
