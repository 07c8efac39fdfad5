-- How many touches are cheap, and how many are slow, in the first round after merging?
--
-- All guests of a trial together; a bin holds touches of low_ticks up to twice that. share is the
-- part of the touches in the bin, share_at_least the part in this bin or a higher one. Bins from the
-- lowest of a workload to one beyond its highest are all there, empty or not. low_instructions is NULL
-- where time is not counted in instructions. One row a trial and bin.
WITH counted AS (
  SELECT trial, bin, sum(pages) AS touches
  FROM touch_histogram
  WHERE phase = 'touch' AND round = 1
  GROUP BY trial, bin
),
bins AS (
  SELECT workload, unnest(range(min(bin), max(bin) + 2)) AS bin
  FROM counted
  JOIN trials USING (trial)
  GROUP BY workload
),
units AS (
  SELECT DISTINCT trial, unit
  FROM touch
  WHERE phase = 'touch' AND round = 1
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  unit,
  bin,
  2 ** bin AS low_ticks,
  2 ** bin / ticks_an_instruction AS low_instructions,
  coalesce(touches, 0) AS touches,
  coalesce(touches, 0) / sum(touches) OVER (PARTITION BY trial) AS share,
  sum(coalesce(touches, 0)) OVER (PARTITION BY trial ORDER BY bin DESC)
    / sum(touches) OVER (PARTITION BY trial) AS share_at_least
FROM trials
JOIN host USING (trial)
JOIN units USING (trial)
JOIN bins USING (workload)
LEFT JOIN counted USING (trial, bin)
-- 'on' comes last so that a chart draws it on top.
ORDER BY workload, condition, arm = 'on', arm, seed, trial, bin
