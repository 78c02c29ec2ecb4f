-- Notes that an account, or a kind of its events, waits.
INSERT INTO event_pauses (account_id, prefix, until, reason, times, noted_at)
VALUES (:account_id, :prefix, :until, :reason, 1, :now)
ON CONFLICT (account_id, prefix) DO UPDATE SET
    until = excluded.until, reason = excluded.reason, times = times + 1, noted_at = excluded.noted_at;
