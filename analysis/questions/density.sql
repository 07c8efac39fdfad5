-- How many more guests fit into the same memory once their pages are merged?
--
-- A guest's memory is its VMM's proportional set size, the mean of the trial's guests, in MiB: at the end
-- of the phase before `merge`, and at the end of `merge`. guests_per_gib is how many of them 1 GiB would
-- hold; gain is by what factor merging raises that. It is an extrapolation from the guests that ran: more
-- guests share more. One row a trial.
WITH merging AS (
  SELECT trial, ordinal AS merge_ordinal
  FROM phases
  WHERE phase = 'merge'
),
sizes AS (
  SELECT
    trial,
    max(guests_pss_kib) FILTER (ordinal = merge_ordinal - 1) AS before_kib,
    max(guests_pss_kib) FILTER (ordinal = merge_ordinal) AS after_kib
  FROM memory_in_use
  JOIN phases USING (trial, phase)
  JOIN merging USING (trial)
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  guests,
  before_kib / 1024 / guests AS guest_before_mib,
  after_kib / 1024 / guests AS guest_after_mib,
  1048576 * guests / before_kib AS guests_per_gib_before,
  1048576 * guests / after_kib AS guests_per_gib_after,
  before_kib / after_kib AS gain
FROM trials
JOIN sizes USING (trial)
ORDER BY workload, condition, arm, seed, trial
