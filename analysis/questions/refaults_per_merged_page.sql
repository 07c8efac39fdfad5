-- How many read and fetch faults do guests take again for each merged page, once merging is done?
--
-- A refault is a second-level page fault in the phase `touch`, the first after `merge` in which the
-- guests use their memory, that reads or fetches (no write: a write to a merged page must break it),
-- finds no mapping (not present), and comes neither from the walk of a guest's own page table nor from
-- an access to a device's registers, which KVM makes fault on purpose (mmio).
-- A merged page is a guest page backed by a merged page at the end of `merge`:
-- pages_shared + pages_sharing. touched_pages are the pages of one round over the working set; it is
-- NULL where the workload counts operations rather than pages. One row a trial.
WITH refaults AS (
  SELECT
    trial,
    sum(count) AS refaults,
    sum(count) FILTER (access = 'read') AS read_refaults,
    sum(count) FILTER (access = 'fetch') AS fetch_refaults
  FROM faults
  WHERE phase = 'touch' AND access IN ('read', 'fetch') AND NOT present
    AND NOT guest_walk AND NOT mmio
  GROUP BY trial
),
touched AS (
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
  coalesce(refaults, 0) AS refaults,
  coalesce(read_refaults, 0) AS read_refaults,
  coalesce(fetch_refaults, 0) AS fetch_refaults,
  merged_pages,
  touched_pages,
  coalesce(refaults, 0) / nullif(merged_pages, 0) AS refaults_per_merged_page,
  coalesce(refaults, 0) / nullif(touched_pages, 0) AS refaults_per_touched_page
FROM trials
JOIN merged USING (trial)
JOIN (SELECT trial FROM phases WHERE phase = 'touch') USING (trial)
LEFT JOIN refaults USING (trial)
LEFT JOIN touched USING (trial)
ORDER BY workload, condition, arm, seed, trial
