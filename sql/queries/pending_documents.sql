-- Which documents wait to be registered, the oldest first?
-- Fatture da registrare: received through SDI (agyo), by e-mail, or uploaded, and not yet an expense. In euro.
-- Note: The day of reception, which decides when VAT may be deducted, is not among the data.
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
       coalesce(d.emission_date, d.date) AS date,
       CAST(julianday(p.today) - julianday(coalesce(d.emission_date, d.date)) AS INTEGER) AS days,
       d.supplier_name AS supplier,
       coalesce(d.subject, d.filename) AS subject,
       round(coalesce(d.amount_net, 0) / d.exchange_rate, 2) AS net,
       round(coalesce(d.amount_vat, 0) / d.exchange_rate, 2) AS vat,
       d.import_error
  FROM p
 CROSS JOIN pending_documents AS d ON d.account_id = p.account_id
 ORDER BY p.account_id, coalesce(d.emission_date, d.date), d.id;
