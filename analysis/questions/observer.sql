-- What does the lab's own looking add, and do the guests notice any of it?
--
-- Trials that differ only in `observe`: with 'least' the lab reads what KSM and KVM count anyway, at
-- the ends of phases; with 'counters' it also has the kernel count each vmexit and fault by its
-- reason, and samples KSM and memory; with 'costs' its locks, TLB flushes and the time per exit as well;
-- with 'trace' it writes each of them down as well.
-- ticks_per_touch is the mean over all touches of the phase `touch`, by the guests' own clock;
-- kvm_exits are the guests' vmexits in that phase as KVM counts them; instructions are those of the
-- whole host. One row a trial, none where `observe` does not vary.
WITH touched AS (
  SELECT trial, sum(pages) AS touches, sum(ticks) AS ticks
  FROM touch
  WHERE phase = 'touch'
  GROUP BY trial
),
exited AS (
  SELECT trial, sum(change) AS kvm_exits
  FROM kvm_stats
  WHERE phase = 'touch' AND stat = 'exits'
  GROUP BY trial
)
SELECT
  workload,
  condition_without(condition, 'observe') AS condition,
  arm,
  seed,
  observe,
  trial,
  instructions,
  touches,
  ticks / nullif(touches, 0) AS ticks_per_touch,
  ticks,
  kvm_exits,
  merged_pages
FROM trials
JOIN touched USING (trial)
JOIN exited USING (trial)
LEFT JOIN merged USING (trial)
WHERE condition LIKE '%observe=%'
ORDER BY workload, condition, arm, seed, observe, trial
