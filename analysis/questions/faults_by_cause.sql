-- Why did the guests fault at the second level?
--
-- Traced trials only (--trace): each fault is explained by the last change of its page's second-level
-- entry, see docs/TRACE.md. changed_by is the thread that made that change. Accesses to devices, which
-- KVM makes fault on purpose, are left out. refaults are the reads and fetches among the faults that
-- found no mapping and do not come from the walk of a guest's own page table. share is the part of the
-- phase's faults. One row a trial, phase, cause and thread.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  cause,
  changed_by::VARCHAR AS changed_by,
  count(*) AS faults,
  count(*) FILTER (fault_causes.access <> 'write' AND NOT present AND NOT guest_walk) AS refaults,
  count(DISTINCT guest * 4294967296 + gfn) AS pages,
  count(*) / sum(count(*)) OVER (PARTITION BY trial, phase) AS share
FROM fault_causes
JOIN trials USING (trial_number)
JOIN phases USING (trial)
WHERE phases.ordinal = phase_ordinal AND cause <> 'device'
GROUP BY workload, condition, arm, seed, trial, phase, ordinal, cause, changed_by
ORDER BY workload, condition, arm = 'on', arm, seed, trial, ordinal, faults DESC, cause, changed_by
