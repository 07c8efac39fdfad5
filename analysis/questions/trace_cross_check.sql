-- Does the raw trace hold as many events as the histograms counted?
--
-- Traced trials only (--trace). Each phase, guest and code is compared on its own, all virtual CPUs of a
-- guest together: `compared` are these cells, `different` those whose counts are not equal, events and counted the sums of both. The
-- histograms are kept by the kernel itself, and the trace is read event by event, so one says whether
-- the other lost something. One row a trial and kind of event.
WITH traced AS (
  SELECT 'exits' AS kind, trial_number, phase_ordinal AS ordinal, guest, reason_code AS code,
    count(*) AS events
  FROM trace_exits
  GROUP BY ALL
  UNION ALL
  SELECT 'faults', trial_number, phase_ordinal, guest, error_code, count(*)
  FROM trace_faults
  GROUP BY ALL
),
histogram AS (
  SELECT 'exits' AS kind, trial_number, ordinal, guest, reason_code AS code,
    sum(count) AS counted
  FROM exits
  JOIN trials USING (trial)
  JOIN phases USING (trial, phase)
  GROUP BY ALL
  UNION ALL
  SELECT 'faults', trial_number, ordinal, guest, kvm_error_code, sum(count)
  FROM faults
  JOIN trials USING (trial)
  JOIN phases USING (trial, phase)
  GROUP BY ALL
),
compared AS (
  SELECT *
  FROM histogram
  FULL JOIN traced USING (kind, trial_number, ordinal, guest, code)
  WHERE trial_number IN (SELECT trial_number FROM traced)
)
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  kind,
  count(*) AS compared,
  count(*) FILTER (events IS DISTINCT FROM counted) AS different,
  coalesce(sum(events), 0) AS events,
  coalesce(sum(counted), 0) AS counted
FROM compared
JOIN trials USING (trial_number)
GROUP BY workload, condition, arm, seed, trial, kind
ORDER BY workload, condition, arm, seed, trial, kind
