-- How often are merged pages broken by writes, and do they merge again?
--
-- break_faults are write faults on a mapping that is there, walk_break_faults those among them from the
-- walk of a guest's own page table; with the switch off a merged page mostly has no mapping, so the write
-- that breaks it is not among them. pages_sharing is that of the phase's end, sharing_change how it moved
-- in the phase. The rest comes from the trace and is NULL without one: entries of the host's page tables
-- that KSM made to map a shared page, and those that were made to map a copy, by whom. One row a trial and
-- phase.
WITH broken AS (
  SELECT
    trial,
    phase,
    sum(count) AS break_faults,
    coalesce(sum(count) FILTER (guest_walk), 0) AS walk_break_faults
  FROM faults
  WHERE access = 'write' AND present AND NOT mmio
  GROUP BY trial, phase
),
sharing AS (
  SELECT trial, phase, pages_sharing
  FROM ksm
  WHERE at_phase_end
),
traced AS (
  SELECT
    trial_number,
    phase_ordinal AS ordinal,
    count(*) FILTER (role = 'ksmd' AND writable = 0) AS merges,
    count(*) FILTER (role = 'vcpu' AND writable = 1) AS copies_for_guest,
    count(*) FILTER (role = 'vmm' AND writable = 1) AS copies_for_vmm,
    count(*) FILTER (role = 'ksmd' AND writable = 1) AS copies_for_ksm
  FROM trace_host_ptes
  GROUP BY trial_number, phase_ordinal
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  coalesce(break_faults, 0) AS break_faults,
  coalesce(walk_break_faults, 0) AS walk_break_faults,
  pages_sharing,
  pages_sharing - lag(pages_sharing, 1, 0) OVER (PARTITION BY trial ORDER BY ordinal)
    AS sharing_change,
  merges,
  copies_for_guest,
  copies_for_vmm,
  copies_for_ksm
FROM trials
JOIN phases USING (trial)
LEFT JOIN sharing USING (trial, phase)
LEFT JOIN broken USING (trial, phase)
LEFT JOIN traced USING (trial_number, ordinal)
ORDER BY workload, condition, arm, seed, trial, ordinal
