-- How much memory does the host use at the end of each phase, and how much has merging saved?
--
-- In use is MemTotal - MemFree of the host. Saved is what was in use at the end of the phase before
-- `merge` minus what is in use now; NULL where there is no such phase. guests_pss_mib is the sum of
-- the proportional set sizes of the guests' VMMs. All in MiB. One row a trial and phase.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  phase,
  ordinal,
  host_kib / 1024 AS used_mib,
  saved_kib / 1024 AS saved_mib,
  guests_pss_kib / 1024 AS guests_pss_mib
FROM trials
JOIN phases USING (trial)
JOIN memory_in_use USING (trial, phase)
LEFT JOIN memory_saved USING (trial, phase)
-- 'on' comes last so that a chart draws it on top.
ORDER BY workload, condition, arm = 'on', arm, seed, trial, ordinal
