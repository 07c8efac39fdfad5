-- Is the patched kernel with its switch off the unpatched one?
--
-- Trials of `off` against those of `stock` with equal workload, condition and seed. Every measure is one
-- number a trial: refaults and vmexits of the phase `touch`, mappings that hold merged pages at the end
-- of `merge`, the host's memory in use then, ksmd's CPU time in `merge`, and TSC ticks a touch in the
-- first round after merging. difference_percent is off - stock in per cent of stock; NULL if stock is 0
-- and off is not. One row a pair of trials and measure.
WITH exited AS (
  SELECT trial, sum(count) AS exits
  FROM exits
  WHERE phase = 'touch'
  GROUP BY trial
),
worked AS (
  SELECT trial, sum(run_ns) / 1e6 AS ksmd_ms
  FROM cpu
  WHERE phase = 'merge' AND task = 'ksmd'
  GROUP BY trial
),
touched AS (
  SELECT trial, sum(ticks) / nullif(sum(pages), 0) AS ticks
  FROM touch
  WHERE phase = 'touch' AND round = 1
  GROUP BY trial
),
measured AS (
  SELECT trial, 1 AS ordinal, 'refaults' AS measure, 'faults' AS unit, refaults AS value
  FROM refaulted
  UNION ALL
  SELECT trial, 2, 'vmexits after merging', 'exits', exits FROM exited
  UNION ALL
  SELECT trial, 3, 'merged pages', 'pages', merged_pages FROM merged
  UNION ALL
  SELECT trial, 4, 'host memory in use', 'MiB', host_kib / 1024
  FROM memory_in_use
  WHERE phase = 'merge'
  UNION ALL
  SELECT trial, 5, 'CPU time of ksmd', 'ms', ksmd_ms FROM worked
  UNION ALL
  SELECT trial, 6, 'cost of a touch', 'ticks', ticks FROM touched
),
placed AS (
  SELECT workload, condition, arm, seed, ordinal, measure, unit, avg(value) AS value
  FROM trials
  JOIN measured USING (trial)
  GROUP BY ALL
)
SELECT
  workload,
  condition,
  seed,
  ordinal,
  measure,
  unit,
  stock.value AS stock,
  off.value AS off,
  off.value - stock.value AS difference,
  CASE
    WHEN off.value = stock.value THEN 0
    ELSE 100 * (off.value - stock.value) / nullif(stock.value, 0)
  END AS difference_percent
FROM (SELECT * FROM placed WHERE arm = 'stock') AS stock
JOIN (SELECT * FROM placed WHERE arm = 'off') AS off
  USING (workload, condition, seed, ordinal, measure, unit)
ORDER BY workload, condition, ordinal, seed
