-- Which sales were made without VAT to habitual exporters, and is their declaration of intent on file?
-- Lettere d'intento: sales of the year with the nature N3.5, by client. missing: no declaration, or no protocol number.
-- Limits: The ceiling that was declared is not in the data: compare net with the paper.
-- :year integer = this year
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, year, printf('%04d-01-01', year) AS first_day, printf('%04d-12-31', year) AS last_day
      FROM accounts,
           (SELECT CAST(coalesce(:year, substr(coalesce(:today, date('now', 'localtime')), 1, 4)) AS INTEGER) AS year)
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, v.entity_id AS client_id, CASE WHEN v.entity_id IS NULL THEN v.entity_name END AS client_without_id,
           count(DISTINCT v.id) AS documents, sum(v.net) AS net
      FROM p
     CROSS JOIN vat_lines AS v ON v.account_id = p.account_id
     WHERE v.register = 'sales' AND v.nature = 'N3.5' AND v.date BETWEEN p.first_day AND p.last_day
     GROUP BY 1, 2, 3
)
SELECT g.account_id,
       g.client_id,
       coalesce((SELECT s.client FROM sales AS s WHERE s.account_id = g.account_id AND s.client_id = g.client_id LIMIT 1),
                g.client_without_id) AS client,
       coalesce(c.has_intent_declaration, 0) AS declared,
       c.intent_declaration_protocol_number AS protocol_number,
       c.intent_declaration_protocol_date AS protocol_date,
       g.documents,
       round(g.net, 2) + 0.0 AS net,
       NOT (coalesce(c.has_intent_declaration, 0) AND coalesce(c.intent_declaration_protocol_number, '') <> '') AS missing
  FROM sums AS g
  LEFT JOIN clients AS c ON c.account_id = g.account_id AND c.id = g.client_id
 ORDER BY g.account_id, missing DESC, client, g.client_id;
