-- What does this machine take to leave a guest, to map a page again, and to merge one?
--
-- Of trials with observe=costs. exit_ns and fault_ns are the mean times from a vmexit to the next entry,
-- halts and interrupts left out, of all and of second-level faults, in `touch`; they hold what the probes
-- cost themselves. touch_ticks is what one touch cost in the first round, of which tick_hz pass in a
-- second. merged_per_s is how many pages ksmd merged for each second of processor time that it had in
-- `merge`. Flushes are those asked of guests in `merge`, and those among them for which a CPU was
-- interrupted, for each merged page. saved_mib_per_guest is what the host had more free behind
-- `merge`. refaults_per_100 are read and fetch faults in `touch` for each 100 merged pages. One row a trial.
WITH left_guest AS (
  SELECT
    trial,
    sum(spent_ns) FILTER (NOT waits) / nullif(sum(count) FILTER (NOT waits), 0) AS exit_ns,
    sum(spent_ns) FILTER (is_fault) / nullif(sum(count) FILTER (is_fault), 0) AS fault_ns
  FROM exit_costs
  WHERE phase = 'touch'
  GROUP BY trial
),
touched AS (
  SELECT trial, sum(ticks) / sum(pages) AS touch_ticks
  FROM touch
  WHERE phase = 'touch' AND round = 1 AND unit = 'page'
  GROUP BY trial
),
work AS (
  SELECT trial, sum(run_ns) AS ksmd_ns
  FROM cpu
  WHERE task = 'ksmd' AND phase = 'merge'
  GROUP BY trial
),
flushed AS (
  SELECT
    trial,
    sum(change) FILTER (stat = 'remote_tlb_flush_requests') AS requests,
    sum(change) FILTER (stat = 'remote_tlb_flush') AS interrupts
  FROM kvm_stats
  WHERE phase = 'merge'
  GROUP BY trial
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  mmu,
  thp,
  tick_hz,
  exit_ns,
  exit_ns * tick_hz / 1e9 AS exit_ticks,
  fault_ns,
  fault_ns * tick_hz / 1e9 AS fault_ticks,
  touch_ticks,
  merged_pages,
  merged_pages / nullif(ksmd_ns / 1e9, 0) AS merged_per_s,
  requests / nullif(merged_pages, 0) AS flush_requests_per_page,
  interrupts / nullif(merged_pages, 0) AS flush_interrupts_per_page,
  saved_kib / 1024 / guests AS saved_mib_per_guest,
  100 * refaults / nullif(merged_pages, 0) AS refaults_per_100
FROM trials
JOIN host USING (trial)
JOIN merged USING (trial)
LEFT JOIN left_guest USING (trial)
LEFT JOIN touched USING (trial)
LEFT JOIN work USING (trial)
LEFT JOIN flushed USING (trial)
LEFT JOIN memory_saved ON memory_saved.trial = trials.trial AND memory_saved.phase = 'merge'
LEFT JOIN refaulted USING (trial)
WHERE observe = 'costs'
ORDER BY workload, condition, arm, seed, trial
