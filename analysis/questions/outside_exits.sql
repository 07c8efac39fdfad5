-- Why did guests leave on a host that was imported or observed, and how long did it take?
--
-- All guests together. `label` is the reason's name, or its code in hex where it has none. per_s is NULL where
-- it is not known over how much time it was counted. mean_ns is the time from the exit to the next entry,
-- where that was measured; it holds what other threads did meanwhile. One row a reason, the most frequent first.
WITH counted AS (
  SELECT trial, reason_code, reason, class, sum(count) AS count
  FROM exits
  WHERE phase = 'observe'
  GROUP BY ALL
),
spans AS (
  SELECT trial, sum(span_ns) AS span_ns
  FROM sources
  GROUP BY trial
),
costs AS (
  SELECT trial, key, sum(count) AS timed, sum(spent_ns) AS spent_ns
  FROM host_costs
  WHERE phase = 'observe' AND what = 'exit'
  GROUP BY ALL
)
SELECT
  counted.trial,
  counted.reason_code,
  coalesce(counted.reason, printf('0x%x', counted.reason_code)) AS label,
  counted.class,
  coalesce(is_fault, false) AS is_fault,
  count,
  count / sum(count) OVER (PARTITION BY counted.trial) AS share,
  1e9 * count / span_ns AS per_s,
  spent_ns / nullif(timed, 0) AS mean_ns,
  spent_ns
FROM counted
JOIN spans ON spans.trial = counted.trial
LEFT JOIN trial_reasons
  ON trial_reasons.trial = counted.trial AND trial_reasons.reason_code = counted.reason_code
LEFT JOIN costs
  ON costs.trial = counted.trial
    AND key = coalesce(counted.reason_code::VARCHAR, counted.reason)
ORDER BY counted.trial, count DESC, label
