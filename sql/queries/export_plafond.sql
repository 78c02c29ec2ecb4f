-- How much of our own plafond as a habitual exporter is used up?
-- plafond: exports of the year before (natures N3.1 to N3.4); used: purchases of this year without VAT (N3.5).
-- Limits: Only purchases that were entered with lines show their nature. Whether exports were 10 % of the turnover, which the
--   status needs, is left to the accountant.
-- :year integer = this year
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, year, printf('%04d-01-01', year) AS first_day, printf('%04d-12-31', year) AS last_day,
           date(printf('%04d-01-01', year), '-12 months') AS first_day_before
      FROM accounts,
           (SELECT CAST(coalesce(:year, substr(coalesce(:today, date('now', 'localtime')), 1, 4)) AS INTEGER) AS year)
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, p.year,
           (SELECT coalesce(sum(v.net), 0)
              FROM vat_lines AS v
             WHERE v.account_id = p.account_id AND v.register = 'sales'
               AND v.nature IN ('N3.1', 'N3.2', 'N3.3', 'N3.4')
               AND v.date >= p.first_day_before AND v.date < p.first_day) AS plafond,
           (SELECT coalesce(sum(v.net), 0)
              FROM vat_lines AS v
             WHERE v.account_id = p.account_id AND v.register = 'purchases' AND v.nature = 'N3.5'
               AND v.date BETWEEN p.first_day AND p.last_day) AS used
      FROM p
)
SELECT account_id,
       year,
       round(plafond, 2) + 0.0 AS plafond,
       round(used, 2) + 0.0 AS used,
       round(plafond - used, 2) + 0.0 AS "left"
  FROM sums
 ORDER BY account_id;
