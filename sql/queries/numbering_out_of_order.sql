-- Which numbers are dated before the one that precedes them?
-- Within a series: kind of document, year and numeration (sezionale).
-- :shared integer = 0 (1: invoices and credit notes have one numbering in common)
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
ordered AS (
    SELECT s.account_id, s.series, s.year, s.numeration, s.number, s.id, s.date,
           lag(s.number) OVER earlier AS previous_number, lag(s.date) OVER earlier AS previous_date
      FROM p
     CROSS JOIN series AS s ON s.account_id = p.account_id
     WHERE s.shared = coalesce(:shared, 0)
    WINDOW earlier AS (PARTITION BY s.account_id, s.series, s.year, s.numeration ORDER BY s.number, s.id)
)
SELECT account_id,
       series,
       year,
       numeration,
       number,
       date,
       previous_number,
       previous_date
  FROM ordered
 WHERE date < previous_date
 ORDER BY account_id, series, year, numeration, number, id;
