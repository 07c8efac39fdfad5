-- Do the lab's counts agree with KVM's own statistics?
--
-- Over a whole trial, all guests together: exits counted by reason against KVM's `exits`, and
-- second-level faults (page-fault exits under shadow paging), accesses to devices apart, against KVM's
-- `pf_taken`. NULL where KVM offers no such statistic. One row a trial.
WITH counted AS (
  SELECT trial, sum(count) AS exits
  FROM exits
  GROUP BY trial
),
faulted AS (
  SELECT trial, sum(count) AS faults
  FROM faults
  WHERE NOT mmio
  GROUP BY trial
),
kvm AS (
  SELECT
    trial,
    sum(change) FILTER (stat = 'exits') AS kvm_exits,
    sum(change) FILTER (stat = 'pf_taken') AS kvm_faults
  FROM kvm_stats
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  exits,
  kvm_exits,
  exits - kvm_exits AS exits_difference,
  faults,
  kvm_faults,
  faults - kvm_faults AS faults_difference
FROM trials
JOIN counted USING (trial)
LEFT JOIN faulted USING (trial)
LEFT JOIN kvm USING (trial)
ORDER BY workload, condition, arm, seed, trial
