-- Records that a record vanished at the service, with its last known content. The columns in braces are the table's own
-- words for them, from the registry.
INSERT INTO deleted_records (account_id, resource, id, deleted_at, written_in, label, name, date, amount, raw)
SELECT account_id, resource, id, :deleted_at, :written_in, {label}, {name}, {date}, round({amount}, 2), raw
  FROM {table}
 WHERE row = :row
ON CONFLICT (account_id, resource, id) DO UPDATE SET
    deleted_at = excluded.deleted_at,
    written_in = excluded.written_in,
    label = excluded.label,
    name = excluded.name,
    date = excluded.date,
    amount = excluded.amount,
    raw = excluded.raw;
