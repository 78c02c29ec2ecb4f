-- Which {resource} does the service hold now?
--   SELECT id, name, vat_number FROM {resource} ORDER BY name;
CREATE VIEW {resource} AS
SELECT account_id, id, code, name, type, vat_number, tax_code, email, certified_email, phone, address_street,
       address_postal_code, address_city, address_province, country, ei_code, first_name, last_name, contact_person,
       address_extra, country_iso, fax, notes, bank_iban, e_invoice, default_payment_terms,
       default_payment_terms_type, default_payment_method_id, default_vat_id, default_discount, price_list_id,
       has_intent_declaration, intent_declaration_protocol_number, intent_declaration_protocol_date, vat_key,
       created_at, updated_at, synced_at, raw
  FROM entities
 WHERE resource = '{resource}';
