-- Which clients does the service hold now?
--   SELECT name, vat_number FROM clients WHERE address_province = 'MI' ORDER BY name;
CREATE VIEW clients AS
SELECT account_id, id, code, name, type, vat_number, tax_code, email, certified_email, phone,
       address_street, address_postal_code, address_city, address_province, country, ei_code,
       created_at, updated_at, synced_at, raw
  FROM entities
 WHERE resource = 'clients';
