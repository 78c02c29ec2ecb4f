-- The outbox: webhook events that were answered and wait to be put into the tables.
-- Cost on a large file: none, the tables are new.

CREATE TABLE events (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,   -- in the order in which they were stored; never used twice
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    event_group     TEXT NOT NULL,                       -- of the sink it came to: entity, issued_documents, …
    event_id        TEXT NOT NULL,                       -- the service's id of the event, ce-id
    type            TEXT,                                -- it.fattureincloud.webhooks.entities.clients.update
    occurred_at     TEXT,                                -- when, by the service: ce-time as it was sent
    received_at     TEXT NOT NULL,
    resource_ids    TEXT NOT NULL CHECK (json_valid(resource_ids)),   -- the records it is about: [3062300]
    status          TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'done', 'failed', 'ignored')),
    attempts        INTEGER NOT NULL DEFAULT 0,          -- begun; waits for quota, token or scope are taken back
    next_attempt_at TEXT,                                -- pending: not before
    last_error      TEXT,                                -- of the last attempt that failed
    processed_at    TEXT,                                -- when it became done, failed or ignored
    reason          TEXT,                                -- why it is ignored
    lane            TEXT,                                -- events of one lane are worked on by one worker at a time
    remaining_ids   TEXT NOT NULL CHECK (json_valid(remaining_ids)),  -- of resource_ids: not yet in the tables
    leased_by       TEXT,                                -- processing: by which process
    leased_until    TEXT,                                -- processing: others may take it after this
    UNIQUE (account_id, event_id),
    CHECK ((processed_at IS NOT NULL) = (status IN ('done', 'failed', 'ignored'))),
    CHECK ((next_attempt_at IS NOT NULL) = (status = 'pending')),
    CHECK ((leased_until IS NOT NULL) = (status = 'processing')),
    CHECK ((leased_by IS NOT NULL) = (status = 'processing')),
    CHECK (lane IS NOT NULL OR status = 'ignored')
) STRICT;
-- Most events are done: what is looked for all the time has indexes without them.
CREATE INDEX events_by_due ON events (next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX events_that_wait ON events (account_id, lane, id) WHERE status = 'pending';
CREATE INDEX events_in_work ON events (account_id, lane, id) WHERE status = 'processing';
CREATE INDEX events_finished ON events (processed_at) WHERE status IN ('done', 'ignored');
CREATE INDEX events_by_status ON events (account_id, status, received_at);

-- Accounts, or kinds of events of an account, that wait: for the quota, a token, a scope, a service that is down. Nothing
-- of theirs is claimed before `until`; the first request that succeeds, or a new token, ends the wait.
CREATE TABLE event_pauses (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    prefix     TEXT NOT NULL,                            -- of the types that wait; '' is all of the account
    until      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    times      INTEGER NOT NULL,                         -- waits in a row: the longer, the seldomer it is tried
    PRIMARY KEY (account_id, prefix)
) STRICT, WITHOUT ROWID;
