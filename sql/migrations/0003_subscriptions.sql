-- Webhook subscriptions: which sinks of ours the service knows. Ours alone; what other programs subscribed is not here.
-- Cost on a large file: none, a new table.
--
-- A row is written before the service is asked to make the subscription, so that the challenge, which can arrive before
-- the answer, finds a known sink. Until the answer came, `id` is null.

CREATE TABLE subscriptions (
    account_id          INTEGER NOT NULL REFERENCES accounts (id),
    id                  TEXT,                            -- the service's id, SUB230; null until it is known
    sink                TEXT NOT NULL,                   -- where the service sends
    event_group         TEXT NOT NULL,                   -- 'entity', 'issued_documents', …: the last part of our sinks
    types               TEXT NOT NULL,                   -- event types as the service told them, a JSON list
    wanted              TEXT,                            -- types asked for by hand, a JSON list; null: those of the group
    verified            INTEGER NOT NULL DEFAULT 0 CHECK (verified IN (0, 1)),
    verified_at         TEXT,                            -- when that was learnt
    verification_method TEXT,                            -- header, query
    mapping             TEXT,                            -- binary, structured
    by_hand             INTEGER NOT NULL DEFAULT 0 CHECK (by_hand IN (0, 1)),      -- wished for by a person
    sink_by_hand        INTEGER NOT NULL DEFAULT 0 CHECK (sink_by_hand IN (0, 1)), -- the sink is a person's choice
    attempts            INTEGER NOT NULL,                -- challenges known of since it was last not verified
    last_attempt_at     TEXT,                            -- of the last of them; null: before ficsync knew of it
    created_at          TEXT NOT NULL,                   -- when this row was written
    seen_at             TEXT,                            -- when the service last told of it
    missing_since       TEXT                             -- the service has it no more
) STRICT;
CREATE UNIQUE INDEX subscriptions_by_id ON subscriptions (account_id, id);
CREATE UNIQUE INDEX subscriptions_asked_for ON subscriptions (account_id, event_group, sink) WHERE id IS NULL;
CREATE INDEX subscriptions_by_sink ON subscriptions (account_id, sink);
