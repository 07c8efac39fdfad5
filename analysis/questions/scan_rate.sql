-- How fast does merging go with each way of scanning, and what work of ksmd does it take?
--
-- Of runs that vary how KSM scans: pages_to_scan, sleep_millisecs, smart_scan or advisor_mode; scanning
-- says what of these varies. From the readings of KSM in `merge` (every 100 ms): seconds since its
-- beginning and ksmd's CPU time until 50 %, 90 % and 99 % of the final pages_sharing were reached.
-- merged_per_ksmd_ms is what was merged until 99 % for each millisecond of that CPU time. share_of_cpu
-- is ksmd's part of the time until then. One row a trial.
WITH merging AS (
  SELECT trial, begin_ns
  FROM phases
  WHERE phase = 'merge'
),
before AS (
  SELECT trial, max(ksmd_run_ns) AS run_ns
  FROM ksm
  JOIN merging USING (trial)
  WHERE ksm.t_ns <= merging.begin_ns
  GROUP BY trial
),
reading AS (
  SELECT
    trial,
    (t_ns - begin_ns) / 1e9 AS at_s,
    ksmd_run_ns - coalesce(run_ns, 0) AS work_ns,
    ksm.pages_sharing AS sharing,
    ksm.pages_sharing / nullif(merged.pages_sharing, 0) AS reached
  FROM ksm
  JOIN merging USING (trial)
  JOIN merged USING (trial)
  LEFT JOIN before USING (trial)
  WHERE phase = 'merge'
),
reached AS (
  SELECT
    trial,
    min(at_s) FILTER (reached >= 0.5) AS to_50_percent_s,
    min(at_s) FILTER (reached >= 0.9) AS to_90_percent_s,
    min(at_s) FILTER (reached >= 0.99) AS to_99_percent_s,
    min(work_ns) FILTER (reached >= 0.99) AS work_to_99_percent_ns,
    min(sharing) FILTER (reached >= 0.99) AS sharing_at_99_percent
  FROM reading
  GROUP BY trial
),
placed AS (
  SELECT
    trial,
    condition_without(condition, 'pages_to_scan|sleep_millisecs|smart_scan|advisor_mode') AS place,
    condition_of(condition, 'pages_to_scan|sleep_millisecs|smart_scan|advisor_mode') AS scanning
  FROM trials
)
SELECT
  workload,
  place AS condition,
  scanning,
  pages_to_scan,
  sleep_millisecs,
  arm,
  seed,
  trial,
  pages_sharing,
  to_50_percent_s,
  to_90_percent_s,
  to_99_percent_s,
  work_to_99_percent_ns,
  1e6 * sharing_at_99_percent / nullif(work_to_99_percent_ns, 0) AS merged_per_ksmd_ms,
  work_to_99_percent_ns / nullif(1e9 * to_99_percent_s, 0) AS share_of_cpu
FROM trials
JOIN placed USING (trial)
JOIN merged USING (trial)
JOIN reached USING (trial)
WHERE scanning != ''
ORDER BY workload, place, pages_to_scan, scanning, arm, seed, trial
