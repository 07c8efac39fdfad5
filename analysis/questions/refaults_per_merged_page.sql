-- How many read and fetch faults do guests take again for each merged page, once merging is done?
--
-- A refault is a second-level page fault in the phase `touch`, the first after `merge` in which the
-- guests use their memory, that reads or fetches, finds no mapping, and comes neither from the walk of a
-- guest's own page table nor from an access to a device's registers: see the view `refaulted`.
-- A merged page is a guest page backed by a merged page at the end of `merge`:
-- pages_shared + pages_sharing. touched_pages are the pages of one round over the working set; it is
-- NULL where the workload counts operations rather than pages. One row a trial.
WITH touched AS (
  SELECT trial, sum(pages) AS touched_pages
  FROM touch
  WHERE phase = 'touch' AND round = 1 AND unit = 'page'
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  refaults,
  read_refaults,
  fetch_refaults,
  merged_pages,
  touched_pages,
  refaults / nullif(merged_pages, 0) AS refaults_per_merged_page,
  refaults / nullif(touched_pages, 0) AS refaults_per_touched_page
FROM trials
JOIN merged USING (trial)
JOIN refaulted USING (trial)
LEFT JOIN touched USING (trial)
ORDER BY workload, condition, arm, seed, trial
