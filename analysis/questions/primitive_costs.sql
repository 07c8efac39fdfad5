-- What do single operations take on this machine, with nothing traced?
--
-- Of trials on real hosts, each of which begins with such a measurement. vmexit is a guest's CPUID,
-- refault a guest's read whose second-level mapping was dropped, interrupt a membarrier(), process flush the
-- mprotect() of a mapped page, guest flush the same of a page of a guest's memory. others says what another
-- CPU does meanwhile: where it is running it is interrupted and waited for. least_ticks is the shortest of
-- all; median_ticks the middle one of the trials' medians, and lowest_ and highest_median_ticks say how far
-- these are apart; median_ns is the same at the counter's rate. more_ticks is what it takes more than with
-- the other CPU asleep: the interrupt of a CPU and its answer. One row an operation and what others do.
WITH each AS (
  SELECT
    operation,
    others,
    count(*) AS trials,
    min(least_ticks) AS least_ticks,
    median(median_ticks) AS median_ticks,
    min(median_ticks) AS lowest_median_ticks,
    max(median_ticks) AS highest_median_ticks,
    median(median_ticks * 1e9 / tick_hz) AS median_ns
  FROM primitives
  JOIN trials USING (trial)
  LEFT JOIN host USING (trial)
  WHERE status = 'done'
  GROUP BY operation, others
)
SELECT
  each.operation,
  each.others,
  each.trials,
  each.least_ticks,
  each.median_ticks,
  each.lowest_median_ticks,
  each.highest_median_ticks,
  each.median_ns,
  CASE WHEN each.others = 'running' THEN each.median_ticks - asleep.median_ticks END AS more_ticks,
  CASE WHEN each.others = 'running' THEN each.median_ns - asleep.median_ns END AS more_ns
FROM each
LEFT JOIN each AS asleep ON asleep.operation = each.operation AND asleep.others = 'asleep'
ORDER BY each.operation, each.others
