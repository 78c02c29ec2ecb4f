-- Which numbers were given twice?
-- Within a series: kind of document, year and numeration (sezionale).
-- :shared integer = 0 (1: invoices and credit notes have one numbering in common)
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
twice AS MATERIALIZED (
    SELECT s.account_id, s.shared, s.series, s.year, s.numeration, s.number, count(*) AS documents
      FROM p
     CROSS JOIN series AS s ON s.account_id = p.account_id
     WHERE s.shared = coalesce(:shared, 0)
     GROUP BY s.account_id, s.series, s.year, s.numeration, s.number
    HAVING count(*) > 1
),
every AS (
    SELECT t.account_id, t.series, t.year, t.numeration, t.number, t.documents, s.id
      FROM series AS s
      JOIN twice AS t ON t.account_id = s.account_id AND t.shared = s.shared AND t.series = s.series
                     AND t.year IS s.year AND t.numeration = s.numeration AND t.number = s.number
     ORDER BY t.account_id, t.series, t.year, t.numeration, t.number, s.id
)
SELECT account_id,
       series,
       year,
       numeration,
       number,
       documents,
       group_concat(id, ', ') AS ids
  FROM every
 GROUP BY account_id, series, year, numeration, number, documents
 ORDER BY account_id, series, year, numeration, number;
