-- Do the guests compute the same, whether KSM merges their memory or not?
--
-- Of runs that have trials with KSM and without (`ksm`). A guest's checksum is over all that it read in a
-- round of a phase. checksums are those of equal workload, condition, seed, guest, phase and round, one
-- for each arm and with KSM and without; different is how many groups of them hold more than one value.
-- One row a workload, condition, seed and phase.
WITH compared AS (
  SELECT
    workload,
    condition_without(condition, 'ksm') AS condition,
    seed,
    phase,
    guest,
    round,
    count(*) AS checksums,
    count(DISTINCT checksum) AS contents
  FROM trials
  JOIN touch USING (trial)
  WHERE checksum IS NOT NULL AND condition LIKE '%ksm=%'
  GROUP BY ALL
  HAVING count(DISTINCT ksm) > 1
)
SELECT
  workload,
  condition,
  seed,
  phase,
  count(*) AS compared,
  sum(checksums) AS checksums,
  count(*) FILTER (contents > 1) AS different
FROM compared
GROUP BY workload, condition, seed, phase
ORDER BY workload, condition, seed, phase
