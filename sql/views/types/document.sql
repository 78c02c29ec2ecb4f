-- Which {resource} does the service hold now?
--   SELECT label, date, entity_name, net_eur FROM {resource} WHERE year = 2026 ORDER BY number;
CREATE VIEW {resource} AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = '{resource}';
