-- What does the host swap in each phase when memory is short, and what do the guests pay for it?
--
-- Of trials with swap. swapped_out_mib and swapped_in_mib are what went to swap and came back, stalls
-- how often somebody had to reclaim memory before getting any, major_faults the faults of the guests'
-- processes that waited for swap, swapin_copies the pages that had been merged and came back as copies
-- (ksm_swpin_copy). touch_ticks is the mean cost of a touch of the first round of the phase, by the
-- guests' clock; NULL where nothing is touched. One row a trial and phase.
WITH events AS (
  SELECT
    trial,
    phase,
    sum(count * page_bytes) FILTER (event = 'pswpout') / 1048576 AS swapped_out_mib,
    sum(count * page_bytes) FILTER (event = 'pswpin') / 1048576 AS swapped_in_mib,
    sum(count) FILTER (starts_with(event, 'allocstall_')) AS stalls,
    sum(count) FILTER (event = 'ksm_swpin_copy') AS swapin_copies
  FROM vm_events
  JOIN host USING (trial)
  GROUP BY trial, phase
),
faulted AS (
  SELECT trial, phase, sum(major) AS major_faults
  FROM host_faults
  GROUP BY trial, phase
),
touched AS (
  SELECT trial, phase, sum(ticks) / nullif(sum(pages), 0) AS touch_ticks
  FROM touch
  WHERE round <= 1
  GROUP BY trial, phase
)
SELECT
  workload,
  condition_without(condition, 'ksm') AS condition,
  ksm,
  CASE WHEN ksm = 'on' THEN 'KSM, ' || arm ELSE 'no KSM, ' || arm END AS mode,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  coalesce(swapped_out_mib, 0) AS swapped_out_mib,
  coalesce(swapped_in_mib, 0) AS swapped_in_mib,
  coalesce(stalls, 0) AS stalls,
  coalesce(swapin_copies, 0) AS swapin_copies,
  coalesce(major_faults, 0) AS major_faults,
  touch_ticks
FROM trials
JOIN phases USING (trial)
LEFT JOIN events USING (trial, phase)
LEFT JOIN faulted USING (trial, phase)
LEFT JOIN touched USING (trial, phase)
WHERE swap_mib > 0
ORDER BY workload, condition, ksm, arm, seed, trial, ordinal
