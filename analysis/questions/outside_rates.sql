-- At which rates does ksmtuned let KSM scan, or has it done so?
--
-- Of ksmtuned's configuration (source 'conf') each rate from the least to the most; of its log each that it has
-- set, in order, with t_s where the log says when. pages_per_s is a batch for each pause, and so the most that it
-- can be: the time that ksmd works on a batch comes on top. One row a step.
SELECT
  trial,
  source,
  step,
  CASE WHEN timed THEN t_ns / 1e9 END AS t_s,
  ksmtuned.pages_to_scan,
  ksmtuned.sleep_millisecs,
  1000 * ksmtuned.pages_to_scan / nullif(ksmtuned.sleep_millisecs, 0) AS pages_per_s,
  committed_kib,
  free_kib,
  page_bytes
FROM trials
JOIN host USING (trial)
JOIN ksmtuned USING (trial)
JOIN (
  SELECT trial, form, bool_and(timed) AS timed
  FROM sources
  GROUP BY trial, form
) AS said ON said.trial = trials.trial AND form = 'ksmtuned-' || source
ORDER BY trials.trial, source, ksmtuned.rowid
