-- Writes one client or supplier. :record is the record as binary JSON, :raw as the service sent it.
INSERT INTO entities (
    account_id, resource, id,
    code, name, type, vat_number, tax_code, email, certified_email, phone,
    address_street, address_postal_code, address_city, address_province, country, ei_code,
    created_at, updated_at, synced_at, written_in, raw)
VALUES (
    :account_id, :resource, :id,
    :record ->> '$.code', :record ->> '$.name', :record ->> '$.type', :record ->> '$.vat_number', :record ->> '$.tax_code',
    :record ->> '$.email', :record ->> '$.certified_email', :record ->> '$.phone',
    :record ->> '$.address_street', :record ->> '$.address_postal_code', :record ->> '$.address_city',
    :record ->> '$.address_province', :record ->> '$.country', :record ->> '$.ei_code',
    :record ->> '$.created_at', :record ->> '$.updated_at', :synced_at, :written_in, :raw)
ON CONFLICT (account_id, resource, id) DO UPDATE SET
    code = excluded.code,
    name = excluded.name,
    type = excluded.type,
    vat_number = excluded.vat_number,
    tax_code = excluded.tax_code,
    email = excluded.email,
    certified_email = excluded.certified_email,
    phone = excluded.phone,
    address_street = excluded.address_street,
    address_postal_code = excluded.address_postal_code,
    address_city = excluded.address_city,
    address_province = excluded.address_province,
    country = excluded.country,
    ei_code = excluded.ei_code,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    synced_at = excluded.synced_at,
    written_in = excluded.written_in,
    raw = excluded.raw;
