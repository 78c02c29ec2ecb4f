-- How much net amount and VAT falls on each rate in each quarter?
-- Worked out from the lines (qty × net price − discount), so it can differ by cents from the documents' own totals,
-- which are rounded per document; `amount_vat` of `invoices` is what was invoiced.
WITH lines AS (
    SELECT i.account_id,
           i.year || '-Q' || ((CAST(substr(i.date, 6, 2) AS INTEGER) + 2) / 3) AS quarter,
           l.vat_value AS rate,
           l.qty * l.net_price * (1 - coalesce(l.discount, 0) / 100) AS net
      FROM invoice_items AS l
      JOIN invoices AS i ON i.account_id = l.account_id AND i.id = l.invoice_id
)
SELECT account_id,
       quarter,
       rate,
       count(*) AS lines,
       round(sum(net), 2) AS net,
       round(sum(net * rate / 100), 2) AS vat
  FROM lines
 GROUP BY account_id, quarter, rate
 ORDER BY account_id, quarter, rate;
