-- What is to be said of the sources of an imported or observed run?
--
-- One row a remark, in order.
SELECT trial, text
FROM logs
WHERE phase IN ('before', 'observe') AND trial IN (SELECT trial FROM sources)
ORDER BY logs.rowid
