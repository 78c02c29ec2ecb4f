-- Writes the payments of a document: one row per element of payments_list, in its order.
INSERT INTO document_payments (
    account_id, resource, document_id, position,
    id, amount, due_date, paid_date, status, payment_account_id)
SELECT :account_id, :resource, :id, key,
       int_or_null(value ->> '$.id'), num_or_null(value ->> '$.amount'),
       value ->> '$.due_date', value ->> '$.paid_date', value ->> '$.status',
       int_or_null(value ->> '$.payment_account.id')
  FROM jsonb_each(:record, '$.payments_list')
 WHERE typeof(key) = 'integer' AND type = 'object';
