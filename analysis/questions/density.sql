-- How many guests run in a fixed amount of memory before the host is under pressure?
--
-- Of trials with the phase `grow`: guests are added one by one, each loads and is merged (unless KSM is
-- off), until the host has swapped out 1 MiB. guests_before_pressure is the largest number that ran
-- without; reached_limit says that the trial's own limit came first, so that there may be room for more.
-- swapped_out_mib and stalls are those with the last guest. One row a trial.
WITH last_step AS (
  SELECT trial, arg_max(swapped_out_pages, guests) AS swapped_out_pages, arg_max(stalls, guests) AS stalls
  FROM growth
  GROUP BY trial
)
SELECT
  workload,
  condition_without(condition, 'ksm') AS condition,
  CASE WHEN ksm = 'on' THEN 'KSM, ' || arm ELSE 'no KSM' END AS mode,
  ksm,
  arm,
  seed,
  trial,
  host_memory_mib,
  coalesce(max(growth.guests) FILTER (NOT pressed), 0) AS guests_before_pressure,
  NOT bool_or(pressed) AS reached_limit,
  any_value(last_step.swapped_out_pages) / 256 AS swapped_out_mib,
  any_value(last_step.stalls) AS stalls
FROM trials
JOIN growth USING (trial)
JOIN last_step USING (trial)
GROUP BY workload, trials.condition, ksm, arm, seed, trial, host_memory_mib
ORDER BY workload, condition, ksm, arm, seed, trial
