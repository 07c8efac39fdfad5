-- Where do the numbers of an imported or observed run come from, and what can they not tell?
--
-- One row a file, or one for what was observed.
SELECT trial, name, form, readings, ignored, span_ns / 1e9 AS span_s, timed, cannot_know
FROM sources
ORDER BY trial, sources.rowid
