-- Records that a record vanished at the service, with its last known content.
INSERT INTO deleted_records (account_id, resource, id, deleted_at, written_in, raw)
VALUES (:account_id, :resource, :id, :deleted_at, :written_in, :raw)
ON CONFLICT (account_id, resource, id) DO UPDATE SET
    deleted_at = excluded.deleted_at,
    written_in = excluded.written_in,
    raw = excluded.raw;
