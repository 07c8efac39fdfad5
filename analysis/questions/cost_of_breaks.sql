-- What does it cost to break merged pages, and to merge them again?
--
-- Of trials with the phases `rewrite`, `restore` and `remerge`. written are the pages (or operations)
-- that the guests changed in rewrite, copies the merged pages that the host copied for it, break_exits
-- the guests' vmexits in rewrite and write_ticks the mean cost of a change by the guests' clock;
-- restore_ticks is the same for changing it back, when the page is the guest's own. remerged are the
-- pages that remerge brought back to sharing: KSM forgets a broken page's share as it comes by, so they
-- are counted as the merged pages copied since the end of merge, less what sharing lacks at the end.
-- remerge_ksmd_ns is ksmd's CPU time for it, merge_ksmd_ns that of the first merging. The same in
-- instructions is NULL where time is not counted in them. One row a trial.
WITH changed AS (
  SELECT
    trial,
    sum(pages) FILTER (phase = 'rewrite') AS written,
    sum(ticks) FILTER (phase = 'rewrite') / sum(pages) FILTER (phase = 'rewrite') AS write_ticks,
    sum(ticks) FILTER (phase = 'restore') / sum(pages) FILTER (phase = 'restore') AS restore_ticks
  FROM touch
  GROUP BY trial
),
copied AS (
  SELECT
    trial,
    sum(count) FILTER (phase = 'rewrite') AS copies,
    sum(count) FILTER (phase IN ('touch', 'rewrite', 'restore', 'remerge')) AS copies_since_merge
  FROM vm_events
  WHERE event = 'cow_ksm'
  GROUP BY trial
),
left_guest AS (
  SELECT trial, sum(change) AS break_exits
  FROM kvm_stats
  WHERE stat = 'exits' AND phase = 'rewrite'
  GROUP BY trial
),
work AS (
  SELECT
    trial,
    sum(run_ns) FILTER (phase = 'merge') AS merge_ksmd_ns,
    sum(run_ns) FILTER (phase = 'remerge') AS remerge_ksmd_ns
  FROM cpu
  WHERE task = 'ksmd'
  GROUP BY trial
),
sharing AS (
  SELECT
    trial,
    max(pages_sharing) FILTER (phase = 'merge') AS merged,
    max(pages_sharing) FILTER (phase = 'remerge') AS merged_again
  FROM ksm
  WHERE at_phase_end
  GROUP BY trial
),
span AS (
  SELECT trial, max(duration_ns) / 1e9 AS remerge_s
  FROM phases
  WHERE phase = 'remerge'
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  written,
  coalesce(copies, 0) AS copies,
  break_exits,
  write_ticks,
  restore_ticks,
  write_ticks / ticks_an_instruction AS write_instructions,
  restore_ticks / ticks_an_instruction AS restore_instructions,
  merged,
  merged_again,
  copies_since_merge - (merged - merged_again) AS remerged,
  remerge_s,
  merge_ksmd_ns,
  remerge_ksmd_ns,
  remerge_ksmd_ns / instruction_ns AS remerge_ksmd_instructions
FROM trials
JOIN host USING (trial)
JOIN instruction_times USING (trial)
JOIN span USING (trial)
JOIN changed USING (trial)
JOIN sharing USING (trial)
LEFT JOIN copied USING (trial)
LEFT JOIN left_guest USING (trial)
LEFT JOIN work USING (trial)
WHERE written IS NOT NULL
ORDER BY workload, condition, arm, seed, trial
