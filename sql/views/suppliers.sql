-- Which suppliers does the service hold now?
--   SELECT name, vat_number FROM suppliers WHERE address_province = 'MI' ORDER BY name;
CREATE VIEW suppliers AS
SELECT account_id, id, code, name, type, vat_number, tax_code, email, certified_email, phone,
       address_street, address_postal_code, address_city, address_province, country, ei_code,
       created_at, updated_at, synced_at, raw
  FROM entities
 WHERE resource = 'suppliers';
