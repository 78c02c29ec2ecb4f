-- Stores an event. A twin, and an event of an account that was removed meanwhile, stores nothing.
INSERT INTO events (
    account_id, event_group, event_id, type, occurred_at, received_at, resource_ids, remaining_ids,
    status, next_attempt_at, processed_at, reason, lane
)
SELECT
    :account_id, :event_group, :event_id, :type, :occurred_at, :now, :resource_ids, :resource_ids,
    iif(:reason IS NULL, 'pending', 'ignored'),
    iif(:reason IS NULL, :now, NULL),
    iif(:reason IS NULL, NULL, :now),
    :reason,
    :lane
 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = :account_id)
ON CONFLICT (account_id, event_id) DO NOTHING
RETURNING id;
