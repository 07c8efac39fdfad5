-- Which virtual machines ran on a host that was observed, and how much memory has each?
--
-- Memory at the last look at it, MiB: pss_mib shares merged pages among those that have them, merged_mib is what
-- of the machine lies on merged pages (NULL before Linux 5.19). exits and busy_s are of the phase `observe`. One
-- row a machine.
WITH last AS (
  SELECT guest, trial, metric, arg_max(kib, t_ns) AS kib
  FROM memory
  WHERE scope = 'guest'
  GROUP BY ALL
),
memory_of AS (
  SELECT
    trial,
    guest,
    max(kib) FILTER (metric = 'Rss') / 1024 AS rss_mib,
    max(kib) FILTER (metric = 'Pss') / 1024 AS pss_mib,
    max(kib) FILTER (metric = 'KsmMerging') / 1024 AS merged_mib
  FROM last
  GROUP BY ALL
),
left_for AS (
  SELECT trial, guest, sum(count) AS exits
  FROM exits
  WHERE phase = 'observe'
  GROUP BY ALL
),
work AS (
  SELECT trial, guest, sum(run_ns) / 1e9 AS busy_s
  FROM cpu
  WHERE phase = 'observe' AND task = 'vmm'
  GROUP BY ALL
)
SELECT vms.trial, vms.guest, pid, command, vcpus, rss_mib, pss_mib, merged_mib, exits, busy_s
FROM vms
LEFT JOIN memory_of ON memory_of.trial = vms.trial AND memory_of.guest = vms.guest
LEFT JOIN left_for ON left_for.trial = vms.trial AND left_for.guest = vms.guest
LEFT JOIN work ON work.trial = vms.trial AND work.guest = vms.guest
WHERE vms.trial IN (SELECT trial FROM sources WHERE form = 'observed')
ORDER BY vms.trial, vms.guest
