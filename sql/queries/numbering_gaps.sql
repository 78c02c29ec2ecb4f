-- Which numbers are missing?
-- One row per gap in a series: its kind of document, year and numeration (sezionale). A series that goes on from the year
-- before, whose last number is smaller than this year's first, has its gap after that; else numbers begin at 1.
-- Limits: A last document that was deleted leaves no gap: compare the view numerations. Who began with the service in mid-year
--   has one row with at_start.
-- :shared integer = 0 (1: invoices and credit notes have one numbering in common)
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
numbers AS MATERIALIZED (
    SELECT s.account_id, s.series, s.year, s.numeration, s.number
      FROM p
     CROSS JOIN series AS s ON s.account_id = p.account_id
     WHERE s.shared = coalesce(:shared, 0)
     GROUP BY s.account_id, s.series, s.year, s.numeration, s.number
),
years AS MATERIALIZED (
    SELECT account_id, series, year, numeration, min(number) AS first, max(number) AS last
      FROM numbers
     GROUP BY account_id, series, year, numeration
),
gaps AS (
    SELECT account_id, series, year, numeration, before + 1 AS first_missing, number AS next, 0 AS at_start
      FROM (SELECT account_id, series, year, numeration, number,
                   lag(number) OVER (PARTITION BY account_id, series, year, numeration ORDER BY number) AS before
              FROM numbers)
     WHERE number > before + 1
     UNION ALL
    SELECT y.account_id, y.series, y.year, y.numeration,
           CASE WHEN b.last < y.first THEN b.last + 1 ELSE 1 END, y.first, 1
      FROM years AS y
      LEFT JOIN years AS b ON b.account_id = y.account_id AND b.series = y.series AND b.numeration = y.numeration
                          AND b.year + 1 = y.year
     WHERE y.first > CASE WHEN b.last < y.first THEN b.last + 1 ELSE 1 END
)
SELECT account_id,
       series,
       year,
       numeration,
       first_missing,
       next - 1 AS last_missing,
       next - first_missing AS missing,
       at_start
  FROM gaps
 ORDER BY account_id, series, year, numeration, first_missing;
