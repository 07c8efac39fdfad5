-- What does merging a page cost in flushes of the guests' TLBs, and what does it spare?
--
-- Of the phase `merge`, all guests of a trial together: flush_requests are the flushes of all of a
-- guest's virtual CPUs that KVM asked for (remote_tlb_flush_requests of its statistics), flushes those
-- for which a CPU that ran the guest had to be interrupted (remote_tlb_flush); on a host with one CPU
-- there is none, as ksmd and the guest never run at the same time. mapped, skipped: pages that the
-- callback mapped anew, and those it would have but could not (no page table, or somebody else was
-- dropping the page), NULL if the kernel does not count them. Refaults and merged pages as in
-- refaults_per_merged_page. One row a trial.
WITH flushed AS (
  SELECT
    trial,
    sum(change) FILTER (stat = 'remote_tlb_flush_requests') AS flush_requests,
    sum(change) FILTER (stat = 'remote_tlb_flush') AS flushes,
    sum(change) FILTER (stat = 'change_pte_mapped') AS mapped,
    sum(change) FILTER (stat = 'change_pte_skipped') AS skipped
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
  flush_requests,
  flushes,
  mapped,
  skipped,
  refaults,
  merged_pages,
  flush_requests / nullif(merged_pages, 0) AS flush_requests_per_merged_page,
  flushes / nullif(merged_pages, 0) AS flushes_per_merged_page,
  refaults / nullif(merged_pages, 0) AS refaults_per_merged_page
FROM trials
JOIN merged USING (trial)
JOIN refaulted USING (trial)
JOIN flushed USING (trial)
WHERE flush_requests IS NOT NULL
ORDER BY workload, condition, arm, seed, trial
