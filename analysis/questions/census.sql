-- What could have been shared at the end of merging, what was, and between whom?
--
-- Of trials with the phase `census`, in which every page that the guests hold is read: could_* groups
-- them by content, found_* by the page of the host that backs them. A group of p pages in n guests saves
-- p - 1 pages: n - 1 between guests, and p - n within one. Empty pages are told apart (class 'zero'), as
-- they are all alike and mostly memory that nobody uses (Barker et al., ATC 2012). pages are all pages of
-- the class; the shares are of all pages that the guests hold. One row a trial and class.
WITH grouped AS (
  SELECT
    trial,
    class,
    sum(pages) FILTER (grouped_by = 'content') AS pages,
    sum(groups) FILTER (grouped_by = 'content') AS contents,
    sum(groups * (guests - 1)) FILTER (grouped_by = 'content') AS could_between,
    sum(pages - groups * guests) FILTER (grouped_by = 'content') AS could_within,
    sum(groups * (guests - 1)) FILTER (grouped_by = 'frame') AS found_between,
    sum(pages - groups * guests) FILTER (grouped_by = 'frame') AS found_within
  FROM census
  WHERE grouped_by <> 'swap'
  GROUP BY trial, class
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  class,
  pages,
  sum(pages) OVER (PARTITION BY trial) AS all_pages,
  contents,
  could_between,
  could_within,
  found_between,
  found_within,
  (could_between + could_within) / sum(pages) OVER (PARTITION BY trial) AS could_share,
  (found_between + found_within) / sum(pages) OVER (PARTITION BY trial) AS found_share
FROM grouped
JOIN trials USING (trial)
ORDER BY workload, condition, arm, seed, trial, class
