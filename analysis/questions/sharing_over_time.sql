-- How does sharing grow while KSM works, and what happens to it afterwards?
--
-- Time runs from the beginning of `merge`, in seconds of the host's clock (virtual on an emulated host).
-- Rows with mark 'sample' are readings of KSM: one for each full scan and one at each phase's end,
-- beginning with that at the end of the phase before `merge`, which counts as time 0.
-- Rows with mark 'phase' say when the phases from `merge` on began.
WITH merging AS (
  SELECT trial, begin_ns, ordinal AS merge_ordinal
  FROM phases
  WHERE phase = 'merge'
)
SELECT *
FROM (
  SELECT
    'sample' AS mark,
    workload,
    condition,
    arm,
    seed,
    trial,
    ksm.phase,
    greatest(t_ns - merging.begin_ns, 0) / 1e9 AS since_merge_s,
    pages_sharing,
    pages_shared
  FROM trials
  JOIN merging USING (trial)
  JOIN ksm USING (trial)
  JOIN phases USING (trial, phase)
  WHERE phases.ordinal >= merge_ordinal OR (phases.ordinal = merge_ordinal - 1 AND at_phase_end)
  UNION ALL
  SELECT
    'phase',
    workload,
    condition,
    arm,
    seed,
    trial,
    phases.phase,
    (phases.begin_ns - merging.begin_ns) / 1e9,
    NULL,
    NULL
  FROM trials
  JOIN merging USING (trial)
  JOIN phases USING (trial)
  WHERE phases.ordinal >= merge_ordinal
)
-- 'on' comes last so that a chart draws it on top.
ORDER BY mark, workload, condition, arm = 'on', arm, seed, trial, since_merge_s
