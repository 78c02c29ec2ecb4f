-- Keeps what is known of an account's quota.
INSERT INTO quota (
    account_id, hourly_remaining, hourly_limit, monthly_remaining, monthly_limit, seen_at, answers, numbers_of,
    blocked_until, blocked_reason, blocked_at, blocks, too_fast_at)
VALUES (
    :account_id, :hourly_remaining, :hourly_limit, :monthly_remaining, :monthly_limit, :seen_at, :answers, :numbers_of,
    :blocked_until, :blocked_reason, :blocked_at, :blocks, :too_fast_at)
ON CONFLICT (account_id) DO UPDATE SET
    hourly_remaining = excluded.hourly_remaining,
    hourly_limit = excluded.hourly_limit,
    monthly_remaining = excluded.monthly_remaining,
    monthly_limit = excluded.monthly_limit,
    seen_at = excluded.seen_at,
    answers = excluded.answers,
    numbers_of = excluded.numbers_of,
    blocked_until = excluded.blocked_until,
    blocked_reason = excluded.blocked_reason,
    blocked_at = excluded.blocked_at,
    blocks = excluded.blocks,
    too_fast_at = excluded.too_fast_at;
