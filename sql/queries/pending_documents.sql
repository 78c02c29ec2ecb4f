-- Which documents wait to be registered, the oldest first?
-- Fatture da registrare: received through SDI (agyo), by e-mail, or uploaded, and not yet an expense. In euro.
-- Limits: The day of reception, which decides when VAT may be deducted, is not among the data.
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:today, date('now', 'localtime')) AS today
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       d.id,
       d.source,
       d.date,
       CAST(julianday(p.today) - julianday(d.date) AS INTEGER) AS days,
       d.supplier,
       d.subject,
       d.net,
       d.vat,
       d.import_error
  FROM p
 CROSS JOIN to_register AS d ON d.account_id = p.account_id
 ORDER BY p.account_id, d.date, d.id;
