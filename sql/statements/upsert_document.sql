-- Writes one issued document (its lines and payments follow in statements of their own).
-- :record is the record as binary JSON, :raw as the service sent it.
-- int_or_null() and num_or_null(), ficsync's own functions, give null where the service sent something that is no
-- number: a surprise in one field never stops a page.
-- Documents have no status of their own, their payments say it. Reversed ones count only when all are reversed.
INSERT INTO documents (
    account_id, resource, id,
    number, numeration, date, year,
    entity_id, entity_name, entity_vat_number, subject, currency,
    amount_net, amount_vat, amount_gross, next_due_date,
    payment_status, ei_status,
    created_at, updated_at, synced_at, written_in, raw)
VALUES (
    :account_id, :resource, :id,
    int_or_null(:record ->> '$.number'), :record ->> '$.numeration', :record ->> '$.date', int_or_null(:record ->> '$.year'),
    int_or_null(:record ->> '$.entity.id'), :record ->> '$.entity.name', :record ->> '$.entity.vat_number',
    :record ->> '$.subject', :record ->> '$.currency.id',
    num_or_null(:record ->> '$.amount_net'), num_or_null(:record ->> '$.amount_vat'), num_or_null(:record ->> '$.amount_gross'),
    :record ->> '$.next_due_date',
    (SELECT CASE
                WHEN count(*) = 0 THEN NULL
                WHEN count(*) = sum(status = 'reversed') THEN 'reversed'
                WHEN sum(status = 'paid') = 0 THEN 'not_paid'
                WHEN sum(status = 'paid') = sum(status <> 'reversed') THEN 'paid'
                ELSE 'partly_paid'
            END
       FROM (SELECT coalesce(value ->> '$.status', 'not_paid') AS status
               FROM jsonb_each(:record, '$.payments_list')
              WHERE typeof(key) = 'integer' AND type = 'object')),
    :record ->> '$.ei_status',
    :record ->> '$.created_at', :record ->> '$.updated_at', :synced_at, :written_in, :raw)
ON CONFLICT (account_id, resource, id) DO UPDATE SET
    number = excluded.number,
    numeration = excluded.numeration,
    date = excluded.date,
    year = excluded.year,
    entity_id = excluded.entity_id,
    entity_name = excluded.entity_name,
    entity_vat_number = excluded.entity_vat_number,
    subject = excluded.subject,
    currency = excluded.currency,
    amount_net = excluded.amount_net,
    amount_vat = excluded.amount_vat,
    amount_gross = excluded.amount_gross,
    next_due_date = excluded.next_due_date,
    payment_status = excluded.payment_status,
    ei_status = excluded.ei_status,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    synced_at = excluded.synced_at,
    written_in = excluded.written_in,
    raw = excluded.raw;
