-- What was invoiced each month, the latest first?
-- Competenza: by the date of the document, paid or not. net = invoiced - credited + receipts. receipts are the
-- corrispettivi; cassa is the previdential fund's, no income; vat has that of split payment and of IVA per cassa in it.
-- Limits: Ricevute, proformas and self-invoices are no turnover; ricevute are in the corrispettivi.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
parts AS (
    SELECT p.account_id, s.month, sum(s.kind = 'invoice') AS invoices, sum(s.kind = 'credit_note') AS credit_notes,
           sum(CASE WHEN s.kind = 'invoice' THEN s.revenue_eur ELSE 0 END) AS invoiced,
           sum(CASE WHEN s.kind = 'credit_note' THEN s.revenue_eur ELSE 0 END) AS credited,
           0 AS receipts, sum(s.cassa) AS cassa, sum(s.vat) AS vat
      FROM p
     CROSS JOIN sales AS s ON s.account_id = p.account_id
     GROUP BY p.account_id, s.month
     UNION ALL
    SELECT p.account_id, substr(r.date, 1, 7), 0, 0, 0, 0, sum(coalesce(r.amount_net, 0)), 0, sum(coalesce(r.amount_vat, 0))
      FROM p
     CROSS JOIN receipts AS r ON r.account_id = p.account_id
     GROUP BY p.account_id, substr(r.date, 1, 7)
),
months AS MATERIALIZED (
    SELECT account_id, month, sum(invoices) AS invoices, sum(credit_notes) AS credit_notes, sum(invoiced) AS invoiced,
           sum(credited) AS credited, sum(receipts) AS receipts, sum(invoiced) - sum(credited) + sum(receipts) AS net,
           sum(cassa) AS cassa, sum(vat) AS vat,
           printf('%04d', substr(month, 1, 4) + 1) || substr(month, 5) AS a_year_later
      FROM parts
     GROUP BY account_id, month
)
SELECT m.account_id,
       m.month,
       m.invoices,
       m.credit_notes,
       round(m.invoiced, 2) + 0.0 AS invoiced,
       round(m.credited, 2) + 0.0 AS credited,
       round(m.receipts, 2) + 0.0 AS receipts,
       round(m.net, 2) + 0.0 AS net,
       round(m.cassa, 2) + 0.0 AS cassa,
       round(m.vat, 2) + 0.0 AS vat,
       round(coalesce(b.net, 0), 2) + 0.0 AS net_year_before
  FROM months AS m
  LEFT JOIN months AS b ON b.account_id = m.account_id AND b.a_year_later = m.month
 ORDER BY m.account_id, m.month DESC;
