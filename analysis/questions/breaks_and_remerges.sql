-- How often are merged pages broken by writes, and do they merge again?
--
-- break_faults are write faults on a mapping that is there, walk_break_faults those among them from the
-- walk of a guest's own page table; with the switch off a merged page mostly has no mapping, so the write
-- that breaks it is not among them. pages_sharing is that of the phase's end, sharing_change how it moved
-- in the phase. The rest comes from the trace and is NULL without one: entries of the host's page tables
-- that KSM made to map a shared page (mostly two for each page: read-only first, then replaced), and
-- pages that were copied, by whom. One row a trial and
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
merged_pages AS (
  SELECT trial_number, phase_ordinal AS ordinal, count(*) AS merges
  FROM trace_host_ptes
  WHERE role = 'ksmd' AND writable = 0
  GROUP BY trial_number, phase_ordinal
),
copied AS (
  SELECT
    trial_number,
    phase_ordinal AS ordinal,
    count(*) FILTER (role = 'vcpu' AND cause = 'break') AS copies_for_guest,
    count(*) FILTER (role = 'vmm' AND cause = 'break') AS copies_for_vmm,
    count(*) FILTER (cause = 'unmerge') AS copies_for_ksm
  FROM trace_notifications
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
  CASE WHEN observe = 'trace' THEN coalesce(merges, 0) END AS merges,
  CASE WHEN observe = 'trace' THEN coalesce(copies_for_guest, 0) END AS copies_for_guest,
  CASE WHEN observe = 'trace' THEN coalesce(copies_for_vmm, 0) END AS copies_for_vmm,
  CASE WHEN observe = 'trace' THEN coalesce(copies_for_ksm, 0) END AS copies_for_ksm
FROM trials
JOIN phases USING (trial)
LEFT JOIN sharing USING (trial, phase)
LEFT JOIN broken USING (trial, phase)
LEFT JOIN merged_pages USING (trial_number, ordinal)
LEFT JOIN copied USING (trial_number, ordinal)
ORDER BY workload, condition, arm, seed, trial, ordinal
