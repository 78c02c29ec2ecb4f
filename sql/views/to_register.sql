-- Which documents were received and wait to be registered (fatture da registrare), in euro?
--   SELECT date, supplier, net, vat FROM to_register ORDER BY date, id;
-- date: that of the document, where the service has read it, else that of its arrival. They are no purchases yet.
CREATE VIEW to_register AS
SELECT d.account_id, d.id, d.source, d.document_type, coalesce(d.emission_date, d.date) AS date,
       d.supplier_name AS supplier, coalesce(d.subject, d.filename) AS subject,
       round(coalesce(d.amount_net, 0) / d.exchange_rate, 2) AS net,
       round(coalesce(d.amount_vat, 0) / d.exchange_rate, 2) AS vat, d.category, d.cost_center, d.import_error
  FROM pending_documents AS d;
