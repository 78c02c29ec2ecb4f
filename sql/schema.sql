-- The schema of a ficsync database, for reading. Made by `make schema`; changes belong into sql/migrations and
-- sql/views, see sql/README.md.
-- Schema version (PRAGMA user_version): 8

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,     -- 1, 2, …: never used twice
    name          TEXT NOT NULL,                         -- chosen by the operator
    company_id    INTEGER NOT NULL UNIQUE,               -- the company's id at the service
    company_name  TEXT,                                  -- the company's name there
    created_at    TEXT NOT NULL,
    last_sync_at  TEXT                                   -- end of the last run of all its resources that ended well
) STRICT;

CREATE TABLE entities (
    account_id          INTEGER NOT NULL REFERENCES accounts (id),
    resource            TEXT NOT NULL,                   -- 'clients' or 'suppliers'
    id                  INTEGER NOT NULL,                -- the service's id
    code                TEXT,
    name                TEXT,
    type                TEXT,                            -- company, person, pa, condo
    vat_number          TEXT,
    tax_code            TEXT,
    email               TEXT,
    certified_email     TEXT,
    phone               TEXT,
    address_street      TEXT,
    address_postal_code TEXT,
    address_city        TEXT,
    address_province    TEXT,
    country             TEXT,
    ei_code             TEXT,
    created_at          TEXT,
    updated_at          TEXT,
    synced_at           TEXT NOT NULL,                   -- when this content was written here
    written_in          INTEGER NOT NULL,                -- number of the write, see write_counter
    raw                 TEXT NOT NULL,                   -- the record's JSON as the service sent it
    PRIMARY KEY (account_id, resource, id)
) STRICT;

CREATE INDEX entities_by_change ON entities (account_id, resource, updated_at, id);

CREATE INDEX entities_by_creation ON entities (account_id, resource, created_at, id);

CREATE INDEX entities_by_vat_number ON entities (vat_number);

CREATE TABLE documents (
    account_id        INTEGER NOT NULL REFERENCES accounts (id),
    resource          TEXT NOT NULL,                     -- 'invoices', 'quotes'
    id                INTEGER NOT NULL,
    number            INTEGER,
    numeration        TEXT,
    date              TEXT,                              -- 2026-01-31
    year              INTEGER,
    entity_id         INTEGER,
    entity_name       TEXT,
    entity_vat_number TEXT,
    subject           TEXT,
    currency          TEXT,                              -- EUR
    amount_net        REAL,
    amount_vat        REAL,
    amount_gross      REAL,
    next_due_date     TEXT,
    payment_status    TEXT,                              -- paid, partly_paid, not_paid, reversed: from the payments
    ei_status         TEXT,
    created_at        TEXT,
    updated_at        TEXT,
    synced_at         TEXT NOT NULL,
    written_in        INTEGER NOT NULL,
    raw               TEXT NOT NULL,
    PRIMARY KEY (account_id, resource, id)
) STRICT;

CREATE INDEX documents_by_change ON documents (account_id, resource, updated_at, id);

CREATE INDEX documents_by_creation ON documents (account_id, resource, created_at, id);

CREATE INDEX documents_by_date ON documents (date);

CREATE INDEX documents_by_entity ON documents (entity_id);

CREATE INDEX documents_by_due_date ON documents (next_due_date);

CREATE INDEX documents_by_vat_number ON documents (entity_vat_number);

CREATE TABLE document_items (
    account_id  INTEGER NOT NULL,
    resource    TEXT NOT NULL,
    document_id INTEGER NOT NULL,
    position    INTEGER NOT NULL,                        -- from 0
    id          INTEGER,
    product_id  INTEGER,
    code        TEXT,
    name        TEXT,
    description TEXT,
    category    TEXT,
    qty         REAL,
    measure     TEXT,
    net_price   REAL,
    gross_price REAL,
    discount    REAL,
    vat_id      INTEGER,
    vat_value   REAL,
    PRIMARY KEY (account_id, resource, document_id, position),
    FOREIGN KEY (account_id, resource, document_id) REFERENCES documents (account_id, resource, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE document_payments (
    account_id         INTEGER NOT NULL,
    resource           TEXT NOT NULL,
    document_id        INTEGER NOT NULL,
    position           INTEGER NOT NULL,                 -- from 0
    id                 INTEGER,
    amount             REAL,
    due_date           TEXT,
    paid_date          TEXT,
    status             TEXT,                             -- paid, not_paid, reversed
    payment_account_id INTEGER,
    PRIMARY KEY (account_id, resource, document_id, position),
    FOREIGN KEY (account_id, resource, document_id) REFERENCES documents (account_id, resource, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_records (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    resource   TEXT NOT NULL,
    id         INTEGER NOT NULL,
    deleted_at TEXT NOT NULL,                            -- when ficsync recorded it
    written_in INTEGER NOT NULL,
    raw        TEXT,
    PRIMARY KEY (account_id, resource, id)
) STRICT;

CREATE TABLE write_counter (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    n   INTEGER NOT NULL
) STRICT;

CREATE TABLE sync_state (
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    resource        TEXT NOT NULL,
    watermark       TEXT,                                -- newest updated_at up to which every change is known
    progress        TEXT,                                -- resume point of unfinished work, JSON
    refused         TEXT,                                -- sorts and filters that the service refused, JSON
    last_full_at    TEXT,                                -- end of the last full walk
    last_success_at TEXT,
    last_error      TEXT,                                -- of the last run, null when it ended well
    PRIMARY KEY (account_id, resource)
) STRICT;

CREATE TABLE sync_runs (
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL REFERENCES accounts (id),
    resource    TEXT NOT NULL,
    mode        TEXT NOT NULL CHECK (mode IN ('full', 'changes')),
    started_at  TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    requests    INTEGER NOT NULL,
    fetched     INTEGER NOT NULL,
    inserted    INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    deleted     INTEGER NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('ok', 'stopped', 'failed', 'skipped')),
    error       TEXT
) STRICT;

CREATE INDEX sync_runs_by_resource ON sync_runs (account_id, resource, id);

CREATE TABLE recent_requests (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    sent_at    INTEGER NOT NULL                          -- unix milliseconds
) STRICT;

CREATE INDEX recent_requests_by_time ON recent_requests (account_id, sent_at);

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
    retry_at TEXT /* pending: before this, a try of a service that is down is no attempt */ DEFAULT NULL,
    waits_since TEXT /* pending: when next_attempt_at was written; null: when it was received */ DEFAULT NULL,
    due_at TEXT /* pending, and a pause holds it back: due since then */ DEFAULT NULL,
    UNIQUE (account_id, event_id),
    CHECK ((processed_at IS NOT NULL) = (status IN ('done', 'failed', 'ignored'))),
    CHECK ((next_attempt_at IS NOT NULL) = (status = 'pending')),
    CHECK ((leased_until IS NOT NULL) = (status = 'processing')),
    CHECK ((leased_by IS NOT NULL) = (status = 'processing')),
    CHECK (lane IS NOT NULL OR status = 'ignored')
) STRICT;

CREATE INDEX events_in_work ON events (account_id, lane, id) WHERE status = 'processing';

CREATE INDEX events_finished ON events (processed_at) WHERE status IN ('done', 'ignored');

CREATE INDEX events_by_status ON events (account_id, status, received_at);

CREATE INDEX events_that_wait ON events (account_id, lane, type, coalesce(due_at, next_attempt_at))
 WHERE status = 'pending';

CREATE INDEX events_put_back ON events (waits_since) WHERE status = 'pending' AND waits_since IS NOT NULL;

CREATE INDEX events_failed ON events (account_id, id) WHERE status = 'failed';

CREATE TRIGGER event_records_of_new AFTER INSERT ON events
WHEN new.status IN ('pending', 'processing')
BEGIN
    INSERT INTO event_records (account_id, lane, record_id, event_id)
    SELECT DISTINCT new.account_id, new.lane, value, new.id FROM json_each(new.remaining_ids) WHERE value IS NOT NULL;
END;

CREATE TRIGGER event_records_of_changed AFTER UPDATE OF status, remaining_ids ON events
WHEN (new.status IN ('pending', 'processing')) <> (old.status IN ('pending', 'processing'))
  OR new.remaining_ids <> old.remaining_ids
BEGIN
    DELETE FROM event_records
     WHERE account_id = old.account_id AND lane = old.lane AND event_id = old.id
       AND record_id IN (SELECT value FROM json_each(old.remaining_ids))
       AND (new.status NOT IN ('pending', 'processing')
            OR record_id NOT IN (SELECT value FROM json_each(new.remaining_ids) WHERE value IS NOT NULL));
    INSERT INTO event_records (account_id, lane, record_id, event_id)
    SELECT DISTINCT new.account_id, new.lane, value, new.id
      FROM json_each(new.remaining_ids)
     WHERE new.status IN ('pending', 'processing') AND value IS NOT NULL
       AND (old.status NOT IN ('pending', 'processing')
            OR value NOT IN (SELECT value FROM json_each(old.remaining_ids) WHERE value IS NOT NULL));
END;

CREATE TRIGGER event_records_of_gone AFTER DELETE ON events
WHEN old.status IN ('pending', 'processing')
BEGIN
    DELETE FROM event_records
     WHERE account_id = old.account_id AND lane = old.lane AND event_id = old.id
       AND record_id IN (SELECT value FROM json_each(old.remaining_ids));
END;

CREATE TABLE event_pauses (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    prefix     TEXT NOT NULL,                            -- of the types that wait; '' is all of the account
    until      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    times      INTEGER NOT NULL,                         -- waits in a row: the longer, the seldomer it is tried
    noted_at TEXT /* when the wait began; null: by an older ficsync */ DEFAULT NULL,
    PRIMARY KEY (account_id, prefix)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE event_records (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    lane       TEXT NOT NULL,
    record_id  ANY NOT NULL,                             -- a number, or the text that some records have for an id
    event_id   INTEGER NOT NULL,                         -- of an event that is pending or processing
    PRIMARY KEY (account_id, lane, record_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE "walk_records" (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    resource   TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('missing', 'doubtful', 'seen')),
    id         INTEGER NOT NULL,
    asked      INTEGER NOT NULL,                         -- write_counter when the request began
    PRIMARY KEY (account_id, resource, kind, id)
) STRICT, WITHOUT ROWID;

CREATE VIEW clients AS
SELECT account_id, id, code, name, type, vat_number, tax_code, email, certified_email, phone,
       address_street, address_postal_code, address_city, address_province, country, ei_code,
       created_at, updated_at, synced_at, raw
  FROM entities
 WHERE resource = 'clients';

CREATE VIEW invoice_items AS
SELECT account_id, document_id AS invoice_id, position, id, product_id, code, name, description, category,
       qty, measure, net_price, gross_price, discount, vat_id, vat_value
  FROM document_items
 WHERE resource = 'invoices';

CREATE VIEW invoice_payments AS
SELECT account_id, document_id AS invoice_id, position, id, amount, due_date, paid_date, status, payment_account_id
  FROM document_payments
 WHERE resource = 'invoices';

CREATE VIEW invoices AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status,
       created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'invoices';

CREATE VIEW quote_items AS
SELECT account_id, document_id AS quote_id, position, id, product_id, code, name, description, category,
       qty, measure, net_price, gross_price, discount, vat_id, vat_value
  FROM document_items
 WHERE resource = 'quotes';

CREATE VIEW quote_payments AS
SELECT account_id, document_id AS quote_id, position, id, amount, due_date, paid_date, status, payment_account_id
  FROM document_payments
 WHERE resource = 'quotes';

CREATE VIEW quotes AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status,
       created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'quotes';

CREATE VIEW suppliers AS
SELECT account_id, id, code, name, type, vat_number, tax_code, email, certified_email, phone,
       address_street, address_postal_code, address_city, address_province, country, ei_code,
       created_at, updated_at, synced_at, raw
  FROM entities
 WHERE resource = 'suppliers';
