-- Writes a subscription down before the service is asked to make it. One that was written down already, by a process
-- that came to nothing, stays; its attempts did so too.
INSERT INTO subscriptions
    (account_id, sink, event_group, types, wanted, by_hand, sink_by_hand, attempts, last_attempt_at, created_at)
VALUES (?1, ?2, ?3, '[]', ?4, ?5, ?6, 0, NULL, ?7)
ON CONFLICT (account_id, event_group, sink) WHERE id IS NULL DO UPDATE SET
    wanted = coalesce(excluded.wanted, wanted),
    by_hand = max(excluded.by_hand, by_hand),
    sink_by_hand = max(excluded.sink_by_hand, sink_by_hand),
    attempts = 0,
    last_attempt_at = NULL,
    created_at = excluded.created_at;
