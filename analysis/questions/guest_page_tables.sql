-- How much of their memory do the guests use for page tables of their own?
--
-- Of trials with the phase `census`, at whose end each guest says how it uses its memory. A merged page
-- table is copied at the guest's next walk of it. page_tables_mib are those of processes; the guest's
-- kernel does not count its own. One row a trial and guest.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  guest,
  sum(kib) FILTER (metric = 'PageTables') / 1024 AS page_tables_mib,
  sum(kib) FILTER (metric = 'MemTotal') / 1024 AS memory_mib,
  sum(kib) FILTER (metric = 'MemFree') / 1024 AS free_mib
FROM memory
JOIN trials USING (trial)
WHERE scope = 'inside'
GROUP BY workload, condition, arm, seed, trial, guest
ORDER BY workload, condition, arm, seed, trial, guest
