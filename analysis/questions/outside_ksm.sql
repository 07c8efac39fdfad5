-- What did /sys/kernel/mm/ksm say on a host that was imported or observed?
--
-- One row a reading. saved_mib is what merging saves: pages_sharing times the page size. Beside it what the
-- merged pages themselves take up. mappings_per_page is how many mappings a merged page has on average.
-- unique_share and volatile_share are of the pages that KSM has looked at. t_s is NULL where the source does
-- not say when. page_bytes is assumed where it was not read.
SELECT
  trial,
  CASE WHEN timed THEN t_ns / 1e9 END AS t_s,
  run,
  full_scans,
  pages_shared,
  pages_sharing,
  pages_unshared,
  pages_volatile,
  pages_sharing * page_bytes / 1048576 AS saved_mib,
  pages_shared * page_bytes / 1048576 AS merged_pages_mib,
  (pages_shared + pages_sharing) / nullif(pages_shared, 0) AS mappings_per_page,
  pages_unshared / nullif(pages_shared + pages_sharing + pages_unshared + pages_volatile, 0)
    AS unique_share,
  pages_volatile / nullif(pages_shared + pages_sharing + pages_unshared + pages_volatile, 0)
    AS volatile_share,
  ksm.pages_to_scan,
  ksm.sleep_millisecs,
  ksm.max_page_sharing,
  ksm.use_zero_pages,
  trials.advisor_mode AS advisor,
  stable_node_chains,
  stable_node_dups,
  ksmd_run_ns,
  page_bytes,
  others
FROM trials
JOIN host USING (trial)
JOIN ksm USING (trial)
JOIN (
  SELECT trial, bool_or(timed) AS timed
  FROM sources
  WHERE form IN ('ksm', 'observed')
  GROUP BY trial
) USING (trial)
WHERE phase IN ('before', 'observe')
ORDER BY trial, t_ns
