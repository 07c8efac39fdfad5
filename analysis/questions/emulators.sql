-- Do two emulators count the same for the same host?
--
-- AMD's nested paging in QEMU (`mmu` npt) and in Bochs (npt-bochs), all else the same: in the phase
-- `touch` second-level faults without accesses to devices, refaults as in refaults_per_merged_page, and
-- exits by class; merged pages at the end of `merge`. `share` is the difference as a share of QEMU's. One
-- row a pair of trials and measure; none if the run has not both.
WITH pairs AS (
  SELECT
    workload,
    condition_without(condition, 'mmu') AS condition,
    arm,
    seed,
    max(trial) FILTER (mmu = 'npt') AS in_qemu,
    max(trial) FILTER (mmu = 'npt-bochs') AS in_bochs
  FROM trials
  GROUP BY ALL
  HAVING in_qemu IS NOT NULL AND in_bochs IS NOT NULL
),
measured AS (
  SELECT trial, 0 AS place, 'refaults' AS measure, refaults AS amount
  FROM refaulted
  UNION ALL
  SELECT trial, 1, 'second-level faults', sum(count)
  FROM faults
  WHERE phase = 'touch' AND NOT mmio
  GROUP BY trial
  UNION ALL
  SELECT trial, 2, 'merged pages', merged_pages
  FROM merged
  UNION ALL
  SELECT trial, 3, 'exits: ' || coalesce(class, 'without a name'), sum(count)
  FROM exits
  WHERE phase = 'touch'
  GROUP BY trial, class
),
measures AS (
  SELECT DISTINCT place, measure
  FROM measured
)
SELECT
  workload,
  condition,
  arm,
  seed,
  measures.measure,
  coalesce(qemu.amount, 0) AS qemu,
  coalesce(bochs.amount, 0) AS bochs,
  coalesce(bochs.amount, 0) - coalesce(qemu.amount, 0) AS difference,
  (coalesce(bochs.amount, 0) - coalesce(qemu.amount, 0)) / nullif(qemu.amount, 0) AS share
FROM pairs
CROSS JOIN measures
LEFT JOIN measured AS qemu ON qemu.trial = in_qemu AND qemu.measure = measures.measure
LEFT JOIN measured AS bochs ON bochs.trial = in_bochs AND bochs.measure = measures.measure
ORDER BY workload, condition, arm, seed, measures.place, measures.measure
