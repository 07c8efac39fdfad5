-- How fast does the emulated host execute instructions?
--
-- instructions: those that the host executed from power-on to its end, guests included; the same in
-- each repetition of a trial. virtual_s is the time that passed for the host, idle time included.
-- wall_s, and with it millions_per_s, depends on the machine and on what else it did: not
-- deterministic. NULL for a host that is real. One row a trial.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  instructions,
  max(end_ns) / 1e9 AS virtual_s,
  trials.wall_s,
  instructions / nullif(trials.wall_s, 0) / 1e6 AS millions_per_s
FROM trials
JOIN phases USING (trial)
GROUP BY ALL
ORDER BY workload, condition, arm, seed, trial
