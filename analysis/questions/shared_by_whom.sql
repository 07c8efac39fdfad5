-- Which memory was shared, within one guest or between how many?
--
-- Traced trials only (--trace), at the end of `merge`: guest pages whose entry in the host's page table
-- KSM has made to map a shared page last, grouped by that page. guests_sharing is how many guests map the
-- same one; kept_pages are the pages that are kept, mappings all guest pages that map them, saved_pages
-- the difference. A content that more than max_page_sharing pages have is kept several times. same_place
-- are mappings of pages that another guest has at the same physical address. One row a trial and number
-- of guests.
WITH merging AS (
  SELECT trial, ordinal AS merge_ordinal
  FROM phases
  WHERE phase = 'merge'
),
entries AS (
  SELECT trial_number, phase_ordinal, guest, gfn, seq, pfn, role = 'ksmd' AND writable = 0 AS shares
  FROM trace_host_ptes
  UNION ALL
  -- A copy, which newer kernels do not announce as a change of the entry.
  SELECT trial_number, phase_ordinal, guest, gfn, seq, -1, false
  FROM trace_notifications
  WHERE cause IN ('break', 'unmerge', 'discard')
),
last_entry AS (
  SELECT
    trial_number,
    guest,
    gfn,
    arg_max(pfn, seq) AS pfn,
    arg_max(shares, seq) AS is_shared
  FROM entries
  JOIN trials USING (trial_number)
  JOIN merging USING (trial)
  WHERE phase_ordinal <= merge_ordinal
  GROUP BY trial_number, guest, gfn
),
placed AS (
  SELECT *, count(*) OVER (PARTITION BY trial_number, pfn, gfn) > 1 AS same_place
  FROM last_entry
  WHERE is_shared
),
kept AS (
  SELECT
    trial_number,
    pfn,
    count(*) AS mappings,
    count(DISTINCT guest) AS guests_sharing,
    count(*) FILTER (same_place) AS same_place
  FROM placed
  GROUP BY trial_number, pfn
  -- One mapping alone is a page that KSM has begun with and found no other for.
  HAVING count(*) > 1
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  guests_sharing,
  count(*) AS kept_pages,
  sum(mappings) AS mappings,
  sum(mappings) - count(*) AS saved_pages,
  sum(same_place) AS same_place
FROM kept
JOIN trials USING (trial_number)
GROUP BY workload, condition, arm, seed, trial, guests_sharing
ORDER BY workload, condition, arm, seed, trial, guests_sharing
