-- What does one refault cost the guest that takes it?
--
-- By how much the first round after merging became cheaper, divided by the refaults that were spared,
-- both per page touched, in TSC ticks. `on` is held against `off` (`stock` where there is no `off`) of
-- the same seed. What else differs between the arms in that round is charged to the refaults. NULL where
-- less than one refault in a hundred pages was spared. One row a workload, condition and seed.
WITH cost AS (
  SELECT trial, sum(ticks) / sum(pages) AS ticks_per_page
  FROM touch
  WHERE phase = 'touch' AND round = 1 AND unit = 'page'
  GROUP BY trial
),
refaulted AS (
  SELECT trial, sum(count) AS refaults
  FROM faults
  WHERE phase = 'touch' AND access <> 'write' AND NOT present AND NOT guest_walk AND NOT mmio
  GROUP BY trial
),
touched AS (
  SELECT trial, sum(pages) AS pages
  FROM touch
  WHERE phase = 'touch' AND round = 1
  GROUP BY trial
),
by_arm AS (
  SELECT
    workload,
    condition,
    seed,
    arm,
    avg(ticks_per_page) AS ticks_per_page,
    avg(coalesce(refaults, 0) / pages) AS refaults_per_page
  FROM trials
  JOIN cost USING (trial)
  JOIN touched USING (trial)
  LEFT JOIN refaulted USING (trial)
  GROUP BY workload, condition, seed, arm
),
baseline AS (
  SELECT *
  FROM by_arm
  WHERE arm <> 'on'
  QUALIFY row_number() OVER (PARTITION BY workload, condition, seed ORDER BY arm) = 1
)
SELECT
  workload,
  condition,
  seed,
  baseline.arm AS baseline,
  baseline.ticks_per_page - treatment.ticks_per_page AS ticks_spared_per_page,
  baseline.refaults_per_page - treatment.refaults_per_page AS refaults_spared_per_page,
  CASE
    WHEN baseline.refaults_per_page - treatment.refaults_per_page >= 0.01
    THEN (baseline.ticks_per_page - treatment.ticks_per_page)
      / (baseline.refaults_per_page - treatment.refaults_per_page)
  END AS ticks_per_refault
FROM baseline
JOIN by_arm AS treatment USING (workload, condition, seed)
WHERE treatment.arm = 'on'
ORDER BY workload, condition, seed
