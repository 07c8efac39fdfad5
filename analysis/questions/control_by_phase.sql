-- Do the patched kernel with its switch off and the unpatched one agree in every phase?
--
-- For each workload, condition, phase and measure: the mean over the seeds of `stock` and of `off`, their
-- difference, and the spread, which is how far the seeds of one arm are apart (the larger of both arms,
-- highest less lowest). within_spread says whether the difference of the means is no larger than that.
-- NULL if fewer than two seeds say what the spread is. Measures: vmexits; second-level faults, device
-- accesses apart; work of vCPUs and of ksmd, in instructions where it is known what one takes (see
-- hosts), else in CPU time; pages that share a merged page, and host memory in use, at the end of the phase.
WITH worked AS (
  SELECT
    trial,
    phase,
    task,
    CASE WHEN instruction_ns IS NULL THEN 'microseconds' ELSE 'thousand instructions' END AS unit,
    sum(run_ns) / (1000 * coalesce(instruction_ns, 1)) AS value
  FROM cpu
  JOIN instruction_times USING (trial)
  GROUP BY trial, phase, task, instruction_ns
),
measured AS (
  SELECT trial, phase, 1 AS ordinal, 'vmexits' AS measure, 'exits' AS unit, sum(count) AS value
  FROM exits
  GROUP BY trial, phase
  UNION ALL
  SELECT trial, phase, 2, 'second-level faults', 'faults', sum(count)
  FROM faults
  WHERE NOT mmio
  GROUP BY trial, phase
  UNION ALL
  SELECT trial, phase, 3, 'work of the vCPUs', unit, value
  FROM worked
  WHERE task = 'vcpu'
  UNION ALL
  SELECT trial, phase, 4, 'work of ksmd', unit, value
  FROM worked
  WHERE task = 'ksmd'
  UNION ALL
  SELECT trial, phase, 5, 'pages sharing', 'pages', pages_sharing
  FROM ksm
  WHERE at_phase_end
  UNION ALL
  SELECT trial, phase, 6, 'host memory in use', 'MiB', host_kib / 1024
  FROM memory_in_use
),
by_seed AS (
  SELECT workload, condition, arm, seed, phase, ordinal, measure, unit, avg(value) AS value
  FROM trials
  JOIN measured USING (trial)
  WHERE arm IN ('stock', 'off')
  GROUP BY ALL
),
by_arm AS (
  SELECT
    workload, condition, arm, phase, ordinal, measure, unit,
    count(*) AS seeds,
    avg(value) AS mean,
    max(value) - min(value) AS spread
  FROM by_seed
  GROUP BY ALL
)
SELECT
  workload,
  condition,
  phase,
  ordinal,
  measure,
  unit,
  least(stock.seeds, off.seeds) AS seeds,
  stock.mean AS stock,
  off.mean AS off,
  off.mean - stock.mean AS difference,
  greatest(stock.spread, off.spread) AS spread,
  CASE
    WHEN least(stock.seeds, off.seeds) < 2 THEN NULL
    ELSE abs(off.mean - stock.mean) <= greatest(stock.spread, off.spread)
  END AS within_spread
FROM (SELECT * FROM by_arm WHERE arm = 'stock') AS stock
JOIN (SELECT * FROM by_arm WHERE arm = 'off') AS off
  USING (workload, condition, phase, ordinal, measure, unit)
JOIN (SELECT phase, min(phases.ordinal) AS place FROM phases GROUP BY phase) USING (phase)
ORDER BY workload, condition, place, ordinal;
