-- Keeps what an answer told of the quota. Numbers that it did not tell stay as they were.
INSERT INTO quota (
    account_id, hourly_remaining, hourly_limit, monthly_remaining, monthly_limit, seen_at, blocked_until, blocked_reason,
    too_fast_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (account_id) DO UPDATE SET
    hourly_remaining = coalesce(excluded.hourly_remaining, hourly_remaining),
    hourly_limit = coalesce(excluded.hourly_limit, hourly_limit),
    monthly_remaining = coalesce(excluded.monthly_remaining, monthly_remaining),
    monthly_limit = coalesce(excluded.monthly_limit, monthly_limit),
    seen_at = excluded.seen_at,
    blocked_until = excluded.blocked_until,
    blocked_reason = excluded.blocked_reason,
    too_fast_at = coalesce(excluded.too_fast_at, too_fast_at);
