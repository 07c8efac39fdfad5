-- Why and when did the guests leave to the host?
--
-- All guests of a trial together. Every reason that occurs in a workload has a row for each of its
-- trials and phases, with 0 where it did not occur. `label` is the reason's name, or its code in hex
-- where it has none, `class` what kind of reason it is. One row a trial, phase and reason.
WITH counted AS (
  SELECT
    trial AS of_trial,
    phase AS of_phase,
    reason_code AS of_code,
    reason AS of_name,
    sum(count) AS count
  FROM exits
  GROUP BY ALL
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
LEFT JOIN counted
  ON of_trial = trial AND of_phase = phase
    AND of_code IS NOT DISTINCT FROM reason_code AND of_name IS NOT DISTINCT FROM name
-- 'on' comes last so that a chart draws it on top.
ORDER BY workload, condition, arm = 'on', arm, seed, trial, ordinal, reason_code
