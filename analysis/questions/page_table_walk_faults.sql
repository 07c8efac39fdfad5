-- How many faults come from walks of the guests' own page tables, which change_pte cannot spare?
--
-- With SVM the processor's walk of a guest page table counts as a write at the second level, so a
-- page-table page that was merged faults at the next walk, is copied, and may be merged again. With
-- shadow paging there are none by construction. One row a trial and phase; 0 where there were none.
WITH counted AS (
  SELECT trial, phase, sum(count) AS walk_faults
  FROM faults
  WHERE guest_walk
  GROUP BY trial, phase
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  coalesce(walk_faults, 0) AS walk_faults
FROM trials
JOIN phases USING (trial)
LEFT JOIN counted USING (trial, phase)
ORDER BY workload, condition, arm, seed, trial, ordinal
