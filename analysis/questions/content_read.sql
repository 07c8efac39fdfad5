-- Did the guests read the same content in every arm?
--
-- Guests of equal workload, condition, seed and number must compute the same checksum in the same
-- round, whatever the arm: a difference means that a guest saw a wrong page. One row a guest and
-- round; `different` counts the checksums beyond the first.
SELECT
  workload,
  condition,
  seed,
  phase,
  guest,
  round,
  count(DISTINCT arm) AS arms,
  count(DISTINCT checksum) - 1 AS different,
  list(DISTINCT checksum ORDER BY checksum) AS checksums
FROM trials
JOIN touch USING (trial)
WHERE checksum IS NOT NULL
GROUP BY workload, condition, seed, phase, guest, round
ORDER BY workload, condition, seed, phase, guest, round
