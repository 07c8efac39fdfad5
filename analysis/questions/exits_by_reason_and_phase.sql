-- Why and when did the guests leave to the host?
--
-- All guests of a trial together. Every reason that occurs in a workload has a row for each of its
-- trials and phases, with 0 where it did not occur. `label` is the reason's name, or its code in hex
-- where it has none, `class` what kind of reason it is. One row a trial, phase and reason.
WITH counted AS (
  SELECT trial, phase, reason_code, sum(count) AS count
  FROM exits
  GROUP BY trial, phase, reason_code
),
occurring AS (
  SELECT DISTINCT workload, reason_code, exits.reason AS name, class
  FROM exits
  JOIN trials USING (trial)
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  reason_code,
  name AS reason,
  class,
  coalesce(name, printf('0x%x', reason_code)) AS label,
  coalesce(count, 0) AS count
FROM trials
JOIN phases USING (trial)
JOIN occurring USING (workload)
LEFT JOIN counted USING (trial, phase, reason_code)
-- 'on' comes last so that a chart draws it on top.
ORDER BY workload, condition, arm = 'on', arm, seed, trial, ordinal, reason_code
