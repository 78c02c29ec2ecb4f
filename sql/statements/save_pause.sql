-- Notes that an account, or a kind of its events, waits.
INSERT INTO event_pauses (account_id, prefix, until, reason, times)
VALUES (:account_id, :prefix, :until, :reason, 1)
ON CONFLICT (account_id, prefix) DO UPDATE SET
    until = excluded.until, reason = excluded.reason, times = times + 1;
