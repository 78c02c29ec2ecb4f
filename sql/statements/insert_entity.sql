-- Writes one row of entities. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO entities (
    row, account_id, resource, id, written_in, content, created_at, updated_at, synced_at, code, name, type,
    vat_number, tax_code, email, certified_email, phone, address_street, address_postal_code, address_city,
    address_province, country, ei_code, first_name, last_name, contact_person, address_extra, country_iso, fax,
    notes, bank_iban, e_invoice, default_payment_terms, default_payment_terms_type, default_payment_method_id,
    default_vat_id, default_discount, price_list_id, has_intent_declaration, intent_declaration_protocol_number,
    intent_declaration_protocol_date, vat_key, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, $text(created_at), $text(updated_at), :synced_at,
    $text(code), $text(name), $text(type), $text(vat_number), $text(tax_code), $text(email), $text(certified_email),
    $text(phone), $text(address_street), $text(address_postal_code), $text(address_city), $text(address_province),
    $text(country), $text(ei_code), $text(first_name), $text(last_name), $text(contact_person), $text(address_extra),
    $text(country_iso), $text(fax), $text(notes), $text(bank_iban), $int(e_invoice), $int(default_payment_terms),
    $text(default_payment_terms_type), $int(default_payment_method.id), $int(default_vat.id), $num(default_discount),
    $text(price_list_id), $int(has_intent_declaration), $text(intent_declaration_protocol_number),
    $text(intent_declaration_protocol_date),
    (SELECT CASE WHEN key LIKE 'IT%' THEN substr(key, 3) ELSE key END FROM (SELECT upper(replace($text(vat_number), ' ', '')) AS key)),
    :raw);
