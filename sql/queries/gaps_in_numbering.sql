-- Which invoice numbers are missing in a year's sequence?
-- One row per gap, from the first to the last missing number.
WITH numbers AS (
    SELECT account_id,
           year,
           coalesce(numeration, '') AS numeration,
           number,
           lag(number, 1, 0) OVER (PARTITION BY account_id, year, coalesce(numeration, '') ORDER BY number) AS before
      FROM invoices
     WHERE number IS NOT NULL
)
SELECT account_id,
       year,
       numeration,
       before + 1 AS first_missing,
       number - 1 AS last_missing
  FROM numbers
 WHERE number > before + 1
 ORDER BY account_id, year, numeration, first_missing;
