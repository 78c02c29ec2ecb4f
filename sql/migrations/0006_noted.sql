-- Noted: when a wait was noted, so that one of a wrong clock is known, and after how many answers, so that a late one is.
-- A time that must be waited for lies in the future by its nature, which says nothing about the clock that it came from:
-- one that was noted in the future counts for nothing. A block, or numbers, that were noted after a request began are not
-- replaced by its answer.
-- Cost on a large file: none, `quota` has a row per account, and the rows of the other tables are not touched.

CREATE TEMP TABLE old_quota AS SELECT * FROM quota;
DROP TABLE quota;
-- The service's quota as its last answer told it, per account.
CREATE TABLE quota (
    account_id        INTEGER PRIMARY KEY REFERENCES accounts (id),
    hourly_remaining  INTEGER,
    hourly_limit      INTEGER,
    monthly_remaining INTEGER,
    monthly_limit     INTEGER,
    seen_at           TEXT,                              -- when the numbers were told
    answers           INTEGER NOT NULL DEFAULT 0,        -- answers so far
    numbers_of        INTEGER NOT NULL DEFAULT 0,        -- how many there were when the request of the numbers began
    blocked_until     TEXT,                              -- the service said not to ask before
    blocked_reason    TEXT,
    blocked_at        TEXT,                              -- when it said so
    blocks            INTEGER NOT NULL DEFAULT 0,        -- how often it has said so
    too_fast_at       TEXT                               -- when a request was last refused for speed (429)
) STRICT;
INSERT INTO quota (
    account_id, hourly_remaining, hourly_limit, monthly_remaining, monthly_limit, seen_at, blocked_until, blocked_reason,
    blocked_at, too_fast_at)
SELECT account_id, hourly_remaining, hourly_limit, monthly_remaining, monthly_limit, seen_at, blocked_until, blocked_reason,
       iif(blocked_until IS NULL, NULL, seen_at), too_fast_at
  FROM old_quota;
DROP TABLE old_quota;

ALTER TABLE events ADD COLUMN
    waits_since TEXT /* pending: when next_attempt_at was written; null: when it was received */ DEFAULT NULL;
ALTER TABLE event_pauses ADD COLUMN
    noted_at TEXT /* when the wait began; null: by an older ficsync */ DEFAULT NULL;
