-- What does it take to boot a guest?
--
-- boot_ns is the CPU time of a guest's virtual CPUs in `boot`, the hypervisor's part among it, mean of the
-- trial's guests; boot_exits are its vmexits in that phase. wall_s is how long the phase took for all
-- guests together on the machine the trial ran on; not deterministic. One row a trial with guests.
WITH booted AS (
  SELECT
    trial,
    sum(run_ns) / count(DISTINCT guest) AS boot_ns,
    count(DISTINCT guest) AS guests_booted
  FROM cpu
  WHERE phase = 'boot' AND task = 'vcpu'
  GROUP BY trial
),
exited AS (
  SELECT trial, sum(change) AS exits
  FROM kvm_stats
  WHERE phase = 'boot' AND stat = 'exits'
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  guests_booted,
  boot_ns,
  exits / guests_booted AS boot_exits,
  phases.wall_s AS wall_s
FROM trials
JOIN booted USING (trial)
JOIN phases USING (trial)
LEFT JOIN exited USING (trial)
WHERE phases.phase = 'boot'
ORDER BY workload, condition, arm, seed, trial
