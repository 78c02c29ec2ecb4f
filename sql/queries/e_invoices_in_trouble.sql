-- Which e-invoices need a hand?
-- discarded: counts as not issued, to be corrected and sent again within 5 days. error: sending failed. rejected: by a public
-- body. not_delivered: valid and issued, but tell the client to look into his tax drawer (cassetto fiscale). late: not sent.
-- A public body that was silent for 15 days (no_response) can no longer refuse: no trouble.
-- Limits: 12 days are the law's for an immediate invoice; a deferred one has until the 15th of the next month.
-- :days integer = 12 (age in days over which one that was not sent is late)
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:today, date('now', 'localtime')) AS today
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
troubles AS (
    SELECT p.account_id, p.today, d.*,
           CASE WHEN d.ei_status IN ('discarded', 'error', 'not_delivered') THEN d.ei_status
                WHEN d.ei_status IN ('rejected', 'manual_rejected') THEN 'rejected'
                WHEN coalesce(d.ei_status, 'not_sent') IN ('not_sent', 'missing')
                     AND julianday(p.today) - julianday(d.date) > coalesce(:days, 12) THEN 'late' END AS problem
      FROM p
     CROSS JOIN e_invoices AS d ON d.account_id = p.account_id
     WHERE d.ei_status IN ('discarded', 'error', 'not_delivered', 'rejected', 'manual_rejected', 'not_sent', 'missing')
        OR d.ei_status IS NULL
)
SELECT account_id,
       resource,
       id,
       label AS document,
       date,
       entity AS client,
       round(base_eur + vat_eur, 2) + 0.0 AS total,
       ei_status,
       problem,
       CAST(julianday(today) - julianday(date) AS INTEGER) AS days
  FROM troubles
 WHERE problem IS NOT NULL
 ORDER BY account_id, date, id;
