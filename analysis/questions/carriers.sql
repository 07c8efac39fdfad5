-- What does it save, and cost, to share the same data: in guests, in plain processes that offer their memory to KSM, and in one shared mapping?
--
-- Of runs that vary `carrier`. Memory is the mean proportional set size of an instance (its VMM or its
-- process), MiB: loaded_mib before merging (NULL in a mapping, which is not there before its pages are
-- touched), merged_mib after `touch`, written_mib when a share of the
-- pages was written and written back, remerged_mib at the end. merge_ksmd_ns and remerge_ksmd_ns are
-- ksmd's CPU time in these phases. touch_ticks and write_ticks are the cost of the first read after merging and of a write,
-- mean of all touches; load_ticks is what an instance took to have its data. touch_faults and
-- write_faults are the page faults of all instances that the host handled in these phases, copies the
-- merged pages that were copied on a write. What is in instructions is NULL where time is not counted in
-- them. One row a trial.
WITH size AS (
  SELECT trial, phase, guests_pss_kib / 1024 AS pss_mib
  FROM memory_in_use
),
sizes AS (
  SELECT
    trial,
    max(pss_mib) FILTER (phase = 'settle') AS loaded_mib,
    max(pss_mib) FILTER (phase = 'touch') AS merged_mib,
    max(pss_mib) FILTER (phase = 'restore') AS written_mib,
    max(pss_mib) FILTER (phase = 'remerge') AS remerged_mib
  FROM size
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
touched AS (
  SELECT
    trial,
    sum(ticks) FILTER (phase = 'load') / count(*) FILTER (phase = 'load') AS load_ticks,
    sum(ticks) FILTER (phase = 'touch' AND round = 1)
      / sum(pages) FILTER (phase = 'touch' AND round = 1) AS touch_ticks,
    sum(ticks) FILTER (phase = 'rewrite') / sum(pages) FILTER (phase = 'rewrite') AS write_ticks
  FROM touch
  GROUP BY trial
),
faulted AS (
  SELECT
    trial,
    sum(minor + major) FILTER (phase = 'touch') AS touch_faults,
    sum(minor + major) FILTER (phase = 'rewrite') AS write_faults
  FROM host_faults
  GROUP BY trial
),
copied AS (
  SELECT trial, sum(count) AS copies
  FROM vm_events
  WHERE event = 'cow_ksm' AND phase = 'rewrite'
  GROUP BY trial
)
SELECT
  workload,
  condition_without(condition, 'carrier') AS condition,
  carrier,
  arm,
  seed,
  trial,
  CASE WHEN carrier <> 'mapping' THEN loaded_mib / guests END AS loaded_mib,
  merged_mib / guests AS merged_mib,
  written_mib / guests AS written_mib,
  remerged_mib / guests AS remerged_mib,
  pages_sharing,
  merge_ksmd_ns,
  remerge_ksmd_ns,
  load_ticks,
  touch_ticks,
  write_ticks,
  write_ticks / ticks_an_instruction AS write_instructions,
  merge_ksmd_ns / instruction_ns AS merge_ksmd_instructions,
  touch_faults,
  write_faults,
  coalesce(copies, 0) AS copies
FROM trials
JOIN host USING (trial)
JOIN instruction_times USING (trial)
JOIN sizes USING (trial)
JOIN touched USING (trial)
LEFT JOIN merged USING (trial)
LEFT JOIN work USING (trial)
LEFT JOIN faulted USING (trial)
LEFT JOIN copied USING (trial)
WHERE condition LIKE '%carrier=%'
ORDER BY workload, condition, carrier, arm, seed, trial
