-- The newest events, all or of one status.
SELECT id, account_id, event_group, event_id, type, occurred_at, received_at, resource_ids, status, attempts,
       next_attempt_at, last_error, processed_at, reason, lane, remaining_ids, leased_by, leased_until,
       retry_at, waits_since
  FROM events
 WHERE (:status IS NULL OR status = :status) AND (:id IS NULL OR id = :id)
 ORDER BY id DESC
 LIMIT :most;
