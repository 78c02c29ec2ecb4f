-- Writes the lines of a document: one row per element of items_list, in its order.
INSERT INTO document_items (
    account_id, resource, document_id, position,
    id, product_id, code, name, description, category,
    qty, measure, net_price, gross_price, discount, vat_id, vat_value)
SELECT :account_id, :resource, :id, key,
       int_or_null(value ->> '$.id'), int_or_null(value ->> '$.product_id'),
       value ->> '$.code', value ->> '$.name', value ->> '$.description', value ->> '$.category',
       num_or_null(value ->> '$.qty'), value ->> '$.measure',
       num_or_null(value ->> '$.net_price'), num_or_null(value ->> '$.gross_price'), num_or_null(value ->> '$.discount'),
       int_or_null(value ->> '$.vat.id'), num_or_null(value ->> '$.vat.value')
  FROM jsonb_each(:record, '$.items_list')
 WHERE typeof(key) = 'integer' AND type = 'object';
