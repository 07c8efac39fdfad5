-- Did every guest read the same content in each round after merging?
--
-- Nothing is written between the rounds of `touch`, so a guest must compute the same checksum in all
-- of them, whatever KSM did to the pages meanwhile. `different` counts the checksums beyond the
-- first. One row a trial and guest.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  guest,
  count(*) AS rounds,
  count(DISTINCT checksum) - 1 AS different
FROM trials
JOIN touch USING (trial)
WHERE phase = 'touch' AND checksum IS NOT NULL
GROUP BY workload, condition, arm, seed, trial, guest
ORDER BY workload, condition, arm, seed, trial, guest
