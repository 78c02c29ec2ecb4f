-- Which {resource} does the service hold now?
--   SELECT date, entity_name, invoice_number, net_eur FROM {resource} WHERE year = 2026 ORDER BY date;
CREATE VIEW {resource} AS
SELECT account_id, id, date, category, description, rc_center, invoice_number, next_due_date, entity_id, entity_name,
       entity_vat_number, currency, exchange_rate, amount_net, amount_vat, amount_gross, amount_withholding_tax,
       amount_other_withholding_tax, amortization, tax_deductibility, vat_deductibility, is_marked, is_detailed,
       e_invoice, auto_calculate, locked, has_attachment, ei_reception_date, is_from_pending_expenses,
       payment_status, sign, year, net_eur, vat_eur, withholding_eur, other_withholding_eur, deductible_vat_eur,
       deductible_cost_eur, payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM received_documents
 WHERE resource = '{resource}';
