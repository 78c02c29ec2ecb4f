-- The schema of a ficsync database, for reading. Made by `make schema`; changes belong into sql/migrations and
-- sql/views, see sql/README.md.
-- Schema version (PRAGMA user_version): 9

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,     -- 1, 2, …: never used twice
    name          TEXT NOT NULL,                         -- chosen by the operator
    company_id    INTEGER NOT NULL UNIQUE,               -- the company's id at the service
    company_name  TEXT,                                  -- the company's name there
    created_at    TEXT NOT NULL,
    last_sync_at  TEXT                                   -- end of the last run of all its resources that ended well
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
    last_error      TEXT, unfinished INTEGER /* 1: a walk, or a part of the changes, is not read to its end */ NOT NULL DEFAULT 0,                                -- of the last run, null when it ended well
    looked_at TEXT /* when the list was last looked at, by a run that ended well or by a worker */ DEFAULT NULL,
    denied_at TEXT /* when the service last said that the token may not read it */ DEFAULT NULL,
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

CREATE INDEX events_by_group ON events (account_id, event_group, received_at);

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

CREATE TABLE entities (
    row                                INTEGER PRIMARY KEY, -- ours
    account_id                         INTEGER NOT NULL,
    resource                           TEXT NOT NULL,      -- clients, suppliers
    id                                 INTEGER NOT NULL,   -- the service's id
    written_in                         INTEGER NOT NULL,   -- number of the write, see write_counter
    content                            INTEGER NOT NULL,   -- fingerprint of the record, without links that expire
    created_at                         TEXT,
    updated_at                         TEXT,
    synced_at                          TEXT NOT NULL,      -- when this content was written here
    code                               TEXT,
    name                               TEXT,
    type                               TEXT,               -- company, person, pa (pubblica amministrazione), condo
    vat_number                         TEXT,               -- partita IVA
    tax_code                           TEXT,               -- codice fiscale
    email                              TEXT,
    certified_email                    TEXT,               -- PEC
    phone                              TEXT,
    address_street                     TEXT,
    address_postal_code                TEXT,
    address_city                       TEXT,
    address_province                   TEXT,
    country                            TEXT,
    ei_code                            TEXT,               -- codice destinatario SDI
    first_name                         TEXT,
    last_name                          TEXT,
    contact_person                     TEXT,
    address_extra                      TEXT,
    country_iso                        TEXT,
    fax                                TEXT,
    notes                              TEXT,
    bank_iban                          TEXT,
    e_invoice                          INTEGER,            -- clients: 1 where e-invoices are sent
    default_payment_terms              INTEGER,            -- days
    default_payment_terms_type         TEXT,               -- standard, end_of_month (fine mese)
    default_payment_method_id          INTEGER,
    default_vat_id                     INTEGER,
    default_discount                   REAL,               -- percent
    price_list_id                      TEXT,               -- listino
    has_intent_declaration             INTEGER,            -- lettera d'intento
    intent_declaration_protocol_number TEXT,
    intent_declaration_protocol_date   TEXT,
    vat_key                            TEXT,               -- vat_number in capitals, without spaces and a leading IT
    raw                                TEXT NOT NULL,      -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX entities_by_change ON entities (account_id, resource, updated_at, id);

CREATE INDEX entities_by_creation ON entities (account_id, resource, created_at, id);

CREATE INDEX entities_by_vat_key ON entities (vat_key);

CREATE INDEX entities_by_write ON entities (account_id, written_in);

CREATE TABLE documents (
    row                                  INTEGER PRIMARY KEY, -- ours: carries the rows of its lists
    account_id                           INTEGER NOT NULL,
    resource                             TEXT NOT NULL,    -- invoices, credit_notes, quotes, …
    id                                   INTEGER NOT NULL, -- the service's id
    written_in                           INTEGER NOT NULL, -- number of the write, see write_counter
    content                              INTEGER NOT NULL, -- fingerprint of the record, without links that expire
    created_at                           TEXT,
    updated_at                           TEXT,
    synced_at                            TEXT NOT NULL,    -- when this content was written here
    number                               INTEGER,
    numeration                           TEXT,             -- sezionale: /A
    date                                 TEXT,             -- 2026-01-31
    year                                 INTEGER,
    entity_id                            INTEGER,
    entity_name                          TEXT,
    entity_vat_number                    TEXT,
    subject                              TEXT,             -- oggetto interno
    currency                             TEXT,             -- EUR
    amount_net                           REAL,             -- imponibile, in the document's currency
    amount_vat                           REAL,
    amount_gross                         REAL,
    next_due_date                        TEXT,
    payment_status                       TEXT,             -- paid, partly_paid, not_paid, reversed: from the instalments
    ei_status                            TEXT,             -- of the e-invoice
    sign                                 INTEGER NOT NULL, -- 1, -1 (nota di credito), 0 where it is no turnover
    label                                TEXT,             -- number and numeration: 12/A
    visible_subject                      TEXT,
    notes                                TEXT,
    rc_center                            TEXT,             -- centro di ricavo
    entity_tax_code                      TEXT,
    entity_country                       TEXT,
    entity_certified_email               TEXT,
    entity_ei_code                       TEXT,
    language                             TEXT,
    exchange_rate                        REAL NOT NULL,    -- units of the currency for a euro
    rivalsa                              REAL,             -- percent: rivalsa INPS
    cassa                                REAL,             -- percent: cassa previdenziale
    cassa_taxable                        REAL,
    cassa2                               REAL,
    cassa2_taxable                       REAL,
    withholding_tax                      REAL,             -- percent: ritenuta d'acconto
    withholding_tax_taxable              REAL,
    other_withholding_tax                REAL,
    amount_rivalsa                       REAL,
    amount_cassa                         REAL,
    amount_cassa2                        REAL,
    amount_withholding_tax               REAL,
    amount_other_withholding_tax         REAL,
    amount_due_discount                  REAL,
    amount_withholding_tax_taxable       REAL,
    amount_other_withholding_tax_taxable REAL,
    amount_rivalsa_taxable               REAL,
    amount_cassa_taxable                 REAL,
    amount_cassa2_taxable                REAL,
    amount_global_cassa_taxable          REAL,
    amount_enasarco_taxable              REAL,
    stamp_duty                           REAL,             -- bollo
    payment_method_id                    INTEGER,
    payment_method_name                  TEXT,
    ei_payment_method                    TEXT,             -- MP05: bonifico, …
    vat_kind                             TEXT,             -- I, D (differita), S (scissione dei pagamenti)
    split_payment                        INTEGER NOT NULL, -- 1: the client, a public body, pays the VAT to the state
    original_document_type               TEXT,
    od_number                            TEXT,
    od_date                              TEXT,
    cig                                  TEXT,
    cup                                  TEXT,
    use_gross_prices                     INTEGER,
    e_invoice                            INTEGER,
    is_marked                            INTEGER,
    locked                               INTEGER,
    delivery_note                        INTEGER,          -- 1: with a DDT
    accompanying_invoice                 INTEGER,          -- 1: fattura accompagnatoria
    dn_number                            INTEGER,          -- of the DDT
    dn_date                              TEXT,
    dn_ai_causal                         TEXT,
    dn_ai_destination                    TEXT,
    dn_ai_transporter                    TEXT,
    document_type                        TEXT,             -- TD01, TD04, …
    merged_in                            TEXT,             -- JSON: the document it was merged into
    original_document                    TEXT,             -- JSON: the document it was made from
    original_document_id                 INTEGER,
    price_list_id                        TEXT,
    seen_date                            TEXT,             -- when the client opened it
    has_attachment                       INTEGER NOT NULL,
    ts_communication                     INTEGER,          -- Sistema Tessera Sanitaria
    ts_sent_date                         TEXT,
    ts_status                            INTEGER,
    net_eur                              REAL NOT NULL,    -- amounts in euro, rounded to cents
    vat_eur                              REAL NOT NULL,
    rivalsa_eur                          REAL NOT NULL,
    cassa_eur                            REAL NOT NULL,    -- both funds
    withholding_eur                      REAL NOT NULL,
    other_withholding_eur                REAL NOT NULL,
    revenue_eur                          REAL NOT NULL,    -- compensi: net and rivalsa
    base_eur                             REAL NOT NULL,    -- imponibile IVA: revenue and cassa
    payments_eur                         REAL NOT NULL,    -- of all instalments
    paid_eur                             REAL NOT NULL,
    open_eur                             REAL NOT NULL,
    raw                                  TEXT NOT NULL,    -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX documents_by_change ON documents (account_id, resource, updated_at, id);

CREATE INDEX documents_by_creation ON documents (account_id, resource, created_at, id);

CREATE INDEX documents_by_date ON documents (
    account_id, resource, date, id, entity_id, entity_name, sign, net_eur, vat_eur, cassa_eur, revenue_eur,
    payments_eur, paid_eur, open_eur, rc_center, split_payment, vat_kind);

CREATE INDEX documents_by_number ON documents (account_id, resource, year, numeration, number, id, date);

CREATE INDEX documents_by_entity ON documents (account_id, entity_id, resource, date, id, entity_name);

CREATE INDEX documents_by_ei_status ON documents (account_id, ei_status) WHERE e_invoice;

CREATE INDEX documents_by_original ON documents (original_document_id) WHERE original_document_id IS NOT NULL;

CREATE INDEX documents_by_write ON documents (account_id, written_in);

CREATE TABLE document_items (
    account_id              INTEGER NOT NULL,
    parent                  INTEGER NOT NULL,              -- documents.row
    position                INTEGER NOT NULL,              -- from 0, in the order of the service
    id                      INTEGER,
    product_id              INTEGER,
    code                    TEXT,
    name                    TEXT,
    description             TEXT,
    category                TEXT,
    qty                     REAL,
    measure                 TEXT,
    net_price               REAL,
    gross_price             REAL,
    discount                REAL,                          -- percent
    vat_id                  INTEGER,                       -- 0 is a VAT type: 22 %
    vat_value               REAL,                          -- percent
    vat_description         TEXT,
    not_taxable             INTEGER,
    apply_withholding_taxes INTEGER,
    in_dn                   INTEGER,                       -- on the DDT
    stock                   INTEGER,
    net_eur                 REAL NOT NULL,                 -- in euro, not rounded
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX document_items_by_product ON document_items (account_id, product_id);

CREATE TABLE document_payments (
    account_id           INTEGER NOT NULL,
    parent               INTEGER NOT NULL,                 -- documents.row
    position             INTEGER NOT NULL,                 -- from 0, in the order of the service
    id                   INTEGER,
    amount               REAL,
    due_date             TEXT,
    paid_date            TEXT,
    status               TEXT,                             -- paid, not_paid, reversed (stornato)
    payment_account_id   INTEGER,
    payment_account_name TEXT,
    terms_days           INTEGER,
    terms_type           TEXT,
    sign                 INTEGER NOT NULL,                 -- the document's
    state                TEXT NOT NULL,                    -- paid, reversed; whatever else its status is: not_paid
    amount_eur           REAL NOT NULL,
    due_on               TEXT,                             -- due_date, else the document's date
    paid_on              TEXT,                             -- of those paid: paid_date, else due_on
    share                REAL,                             -- of the sum of all instalments
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX document_payments_by_due_day ON document_payments (account_id, due_on) WHERE state = 'not_paid' AND sign <> 0;

CREATE INDEX document_payments_by_paid_day
    ON document_payments (account_id, paid_on, sign, amount_eur, payment_account_id, payment_account_name)
 WHERE state = 'paid' AND sign <> 0;

CREATE TABLE document_vat (
    account_id INTEGER NOT NULL,
    parent     INTEGER NOT NULL,                           -- documents.row
    position   INTEGER NOT NULL,                           -- from 0, in the order of the service
    vat_id     INTEGER,
    rate       REAL,                                       -- percent; null: the document has no lines
    net_eur    REAL NOT NULL,
    vat_eur    REAL NOT NULL,
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE received_documents (
    row                          INTEGER PRIMARY KEY,      -- ours: carries the rows of its lists
    account_id                   INTEGER NOT NULL,
    resource                     TEXT NOT NULL,            -- expenses, passive_credit_notes, …
    id                           INTEGER NOT NULL,         -- the service's id
    written_in                   INTEGER NOT NULL,         -- number of the write, see write_counter
    content                      INTEGER NOT NULL,         -- fingerprint of the record, without links that expire
    created_at                   TEXT,
    updated_at                   TEXT,
    synced_at                    TEXT NOT NULL,            -- when this content was written here
    date                         TEXT,
    category                     TEXT,
    description                  TEXT,
    rc_center                    TEXT,                     -- centro di costo
    invoice_number               TEXT,                     -- the supplier's
    next_due_date                TEXT,
    entity_id                    INTEGER,
    entity_name                  TEXT,
    entity_vat_number            TEXT,
    currency                     TEXT,                     -- EUR
    exchange_rate                REAL NOT NULL,            -- units of the currency for a euro
    amount_net                   REAL,
    amount_vat                   REAL,
    amount_gross                 REAL,
    amount_withholding_tax       REAL,
    amount_other_withholding_tax REAL,
    amortization                 REAL,                     -- years; 1: none
    tax_deductibility            REAL,                     -- percent
    vat_deductibility            REAL,
    is_marked                    INTEGER,
    is_detailed                  INTEGER,
    e_invoice                    INTEGER,
    auto_calculate               INTEGER,
    locked                       INTEGER,
    has_attachment               INTEGER NOT NULL,
    ei_reception_date            TEXT,
    is_from_pending_expenses     INTEGER,
    payment_status               TEXT,                     -- paid, partly_paid, not_paid, reversed: from the instalments
    sign                         INTEGER NOT NULL,         -- 1, -1 (nota di credito), 0 where it is no purchase
    year                         INTEGER,                  -- of the date
    net_eur                      REAL NOT NULL,            -- amounts in euro, rounded to cents
    vat_eur                      REAL NOT NULL,
    withholding_eur              REAL NOT NULL,
    other_withholding_eur        REAL NOT NULL,
    deductible_vat_eur           REAL NOT NULL,            -- IVA detraibile
    deductible_cost_eur          REAL NOT NULL,            -- costo deducibile
    payments_eur                 REAL NOT NULL,            -- of all instalments
    paid_eur                     REAL NOT NULL,
    open_eur                     REAL NOT NULL,
    raw                          TEXT NOT NULL,            -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX received_documents_by_change ON received_documents (account_id, resource, updated_at, id);

CREATE INDEX received_documents_by_creation ON received_documents (account_id, resource, created_at, id);

CREATE INDEX received_documents_by_date ON received_documents (account_id, resource, date, id);

CREATE INDEX received_documents_by_entity ON received_documents (account_id, entity_id, resource, date, id, entity_name);

CREATE INDEX received_documents_by_invoice ON received_documents (account_id, entity_id, invoice_number);

CREATE INDEX received_documents_by_write ON received_documents (account_id, written_in);

CREATE TABLE received_items (
    account_id                   INTEGER NOT NULL,
    parent                       INTEGER NOT NULL,         -- received_documents.row
    position                     INTEGER NOT NULL,         -- from 0, in the order of the service
    id                           INTEGER,
    product_id                   INTEGER,
    code                         TEXT,
    name                         TEXT,
    measure                      TEXT,
    category                     TEXT,
    net_price                    REAL,
    qty                          REAL,
    stock                        REAL,
    vat_id                       INTEGER,
    vat_value                    REAL,                     -- percent
    vat_description              TEXT,
    deductibility_vat_percentage REAL,
    net_eur                      REAL NOT NULL,            -- in euro, not rounded
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX received_items_by_product ON received_items (account_id, product_id);

CREATE TABLE received_payments (
    account_id           INTEGER NOT NULL,
    parent               INTEGER NOT NULL,                 -- received_documents.row
    position             INTEGER NOT NULL,                 -- from 0, in the order of the service
    id                   INTEGER,
    amount               REAL,
    due_date             TEXT,
    paid_date            TEXT,
    status               TEXT,                             -- paid, not_paid, reversed (stornato)
    payment_account_id   INTEGER,
    payment_account_name TEXT,
    terms_days           INTEGER,
    terms_type           TEXT,
    sign                 INTEGER NOT NULL,                 -- the document's
    state                TEXT NOT NULL,                    -- paid, reversed; whatever else its status is: not_paid
    amount_eur           REAL NOT NULL,
    due_on               TEXT,                             -- due_date, else the document's date
    paid_on              TEXT,                             -- of those paid: paid_date, else due_on
    share                REAL,                             -- of the sum of all instalments
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX received_payments_by_due_day ON received_payments (account_id, due_on) WHERE state = 'not_paid' AND sign <> 0;

CREATE INDEX received_payments_by_paid_day
    ON received_payments (account_id, paid_on, sign, amount_eur, payment_account_id, payment_account_name)
 WHERE state = 'paid' AND sign <> 0;

CREATE TABLE received_vat (
    account_id INTEGER NOT NULL,
    parent     INTEGER NOT NULL,                           -- received_documents.row
    position   INTEGER NOT NULL,                           -- from 0, in the order of the service
    vat_id     INTEGER,
    rate       REAL,                                       -- percent; null: the document has no lines
    net_eur    REAL NOT NULL,
    vat_eur    REAL NOT NULL,
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE pending_documents (
    row               INTEGER PRIMARY KEY,                 -- ours: carries the rows of its lists
    account_id        INTEGER NOT NULL,
    resource          TEXT NOT NULL,                       -- pending_documents
    id                INTEGER NOT NULL,                    -- the service's id
    written_in        INTEGER NOT NULL,                    -- number of the write, see write_counter
    content           INTEGER NOT NULL,                    -- fingerprint of the record, without links that expire
    synced_at         TEXT NOT NULL,                       -- when this content was written here
    source            TEXT,                                -- agyo (SDI), mail, browser
    document_type     TEXT,                                -- expense, …
    date              TEXT,
    emission_date     TEXT,                                -- the service's spelling is emssion_date
    subject           TEXT,
    filename          TEXT,
    supplier_name     TEXT,
    category          TEXT,
    cost_center       TEXT,
    import_error      TEXT,
    currency          TEXT,
    exchange_rate     REAL NOT NULL,                       -- units of the currency for a euro
    amount_net        REAL,
    amount_vat        REAL,
    amount_gross      REAL,
    has_attachment    INTEGER NOT NULL,
    other_attachments INTEGER,                             -- how many
    raw               TEXT NOT NULL,                       -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX pending_documents_by_write ON pending_documents (account_id, written_in);

CREATE TABLE pending_payment_rows (
    account_id         INTEGER NOT NULL,
    parent             INTEGER NOT NULL,                   -- pending_documents.row
    position           INTEGER NOT NULL,                   -- from 0, in the order of the service
    amount             REAL,
    due_date           TEXT,
    paid_date          TEXT,
    status             TEXT,
    paid_with_ts_pay   INTEGER,
    payment_account_id INTEGER,
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
    row               INTEGER PRIMARY KEY,                 -- ours
    account_id        INTEGER NOT NULL,
    resource          TEXT NOT NULL,                       -- products
    id                INTEGER NOT NULL,                    -- the service's id
    written_in        INTEGER NOT NULL,                    -- number of the write, see write_counter
    content           INTEGER NOT NULL,                    -- fingerprint of the record, without links that expire
    created_at        TEXT,
    updated_at        TEXT,
    synced_at         TEXT NOT NULL,                       -- when this content was written here
    name              TEXT,
    code              TEXT,
    measure           TEXT,
    description       TEXT,
    category          TEXT,
    notes             TEXT,
    net_price         REAL,
    gross_price       REAL,
    net_cost          REAL,
    stock_initial     REAL,
    stock_current     REAL,                                -- giacenza
    average_cost      REAL,
    average_price     REAL,
    use_gross_price   INTEGER,
    in_stock          INTEGER,
    default_vat_id    INTEGER,
    default_vat_value REAL,
    raw               TEXT NOT NULL,                       -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX products_by_change ON products (account_id, resource, updated_at, id);

CREATE INDEX products_by_creation ON products (account_id, resource, created_at, id);

CREATE INDEX products_by_write ON products (account_id, written_in);

CREATE TABLE receipts (
    row                  INTEGER PRIMARY KEY,              -- ours: carries the rows of its lists
    account_id           INTEGER NOT NULL,
    resource             TEXT NOT NULL,                    -- receipts
    id                   INTEGER NOT NULL,                 -- the service's id
    written_in           INTEGER NOT NULL,                 -- number of the write, see write_counter
    content              INTEGER NOT NULL,                 -- fingerprint of the record, without links that expire
    created_at           TEXT,
    updated_at           TEXT,
    synced_at            TEXT NOT NULL,                    -- when this content was written here
    date                 TEXT,
    numeration           TEXT,
    type                 TEXT,                             -- till_receipt (scontrini), sales_receipt (ricevute)
    description          TEXT,
    rc_center            TEXT,
    number               REAL,
    amount_net           REAL,
    amount_vat           REAL,
    amount_gross         REAL,
    use_gross_prices     INTEGER,
    payment_account_id   INTEGER,
    payment_account_name TEXT,
    sign                 INTEGER NOT NULL,                 -- 1
    raw                  TEXT NOT NULL,                    -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX receipts_by_change ON receipts (account_id, resource, updated_at, id);

CREATE INDEX receipts_by_creation ON receipts (account_id, resource, created_at, id);

CREATE INDEX receipts_by_date ON receipts (account_id, date);

CREATE INDEX receipts_by_write ON receipts (account_id, written_in);

CREATE TABLE receipt_item_rows (
    account_id   INTEGER NOT NULL,
    parent       INTEGER NOT NULL,                         -- receipts.row
    position     INTEGER NOT NULL,                         -- from 0, in the order of the service
    id           INTEGER,
    amount_net   REAL,
    amount_gross REAL,
    amount_vat   REAL,                                     -- gross - net
    category     TEXT,
    vat_id       INTEGER,
    vat_value    REAL,
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE taxes (
    row                  INTEGER PRIMARY KEY,              -- ours
    account_id           INTEGER NOT NULL,
    resource             TEXT NOT NULL,                    -- taxes
    id                   INTEGER NOT NULL,                 -- the service's id
    written_in           INTEGER NOT NULL,                 -- number of the write, see write_counter
    content              INTEGER NOT NULL,                 -- fingerprint of the record, without links that expire
    synced_at            TEXT NOT NULL,                    -- when this content was written here
    due_date             TEXT,
    status               TEXT,                             -- paid, not_paid, reversed
    description          TEXT,
    amount               REAL,
    payment_account_id   INTEGER,
    payment_account_name TEXT,
    has_attachment       INTEGER NOT NULL,
    raw                  TEXT NOT NULL,                    -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX taxes_by_due_date ON taxes (account_id, status, due_date);

CREATE INDEX taxes_by_write ON taxes (account_id, written_in);

CREATE TABLE archive_documents (
    row            INTEGER PRIMARY KEY,                    -- ours
    account_id     INTEGER NOT NULL,
    resource       TEXT NOT NULL,                          -- archive_documents
    id             INTEGER NOT NULL,                       -- the service's id
    written_in     INTEGER NOT NULL,                       -- number of the write, see write_counter
    content        INTEGER NOT NULL,                       -- fingerprint of the record, without links that expire
    synced_at      TEXT NOT NULL,                          -- when this content was written here
    date           TEXT,
    category       TEXT,
    description    TEXT,
    has_attachment INTEGER NOT NULL,
    raw            TEXT NOT NULL,                          -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX archive_documents_by_write ON archive_documents (account_id, written_in);

CREATE TABLE cashbook_entries (
    row                      INTEGER PRIMARY KEY,          -- ours
    account_id               INTEGER NOT NULL,
    resource                 TEXT NOT NULL,                -- cashbook_entries
    id                       TEXT NOT NULL,                -- the service's id
    written_in               INTEGER NOT NULL,             -- number of the write, see write_counter
    content                  INTEGER NOT NULL,             -- fingerprint of the record, without links that expire
    synced_at                TEXT NOT NULL,                -- when this content was written here
    date                     TEXT,
    description              TEXT,
    kind                     TEXT,                         -- cashbook, issued_document, received_document, tax, receipt, ts_pay: only cashbook is money that is nowhere else
    type                     TEXT,                         -- in, out
    entity_name              TEXT,
    document_id              INTEGER,
    document_type            TEXT,
    document_path            TEXT,
    amount_in                REAL,
    amount_out               REAL,
    payment_account_in_id    INTEGER,
    payment_account_in_name  TEXT,
    payment_account_out_id   INTEGER,
    payment_account_out_name TEXT,                         -- both: giroconto
    raw                      TEXT NOT NULL,                -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX cashbook_entries_by_date ON cashbook_entries (account_id, date);

CREATE INDEX cashbook_entries_by_write ON cashbook_entries (account_id, written_in);

CREATE TABLE emails (
    row              INTEGER PRIMARY KEY,                  -- ours: carries the rows of its lists
    account_id       INTEGER NOT NULL,
    resource         TEXT NOT NULL,                        -- emails
    id               INTEGER NOT NULL,                     -- the service's id
    written_in       INTEGER NOT NULL,                     -- number of the write, see write_counter
    content          INTEGER NOT NULL,                     -- fingerprint of the record, without links that expire
    synced_at        TEXT NOT NULL,                        -- when this content was written here
    status           TEXT,                                 -- sending, pending, sent
    sent_date        TEXT,
    from_email       TEXT,
    from_name        TEXT,
    to_email         TEXT,
    to_name          TEXT,
    subject          TEXT,
    copy_to          TEXT,
    recipient_status TEXT,                                 -- unknown, document_opened, email_opened
    recipient_date   TEXT,
    kind             TEXT,
    error_log        TEXT,
    errors_count     INTEGER,
    raw              TEXT NOT NULL,                        -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX emails_by_write ON emails (account_id, written_in);

CREATE TABLE email_attachment_rows (
    account_id INTEGER NOT NULL,
    parent     INTEGER NOT NULL,                           -- emails.row
    position   INTEGER NOT NULL,                           -- from 0, in the order of the service
    filename   TEXT,
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE price_lists (
    row         INTEGER PRIMARY KEY,                       -- ours
    account_id  INTEGER NOT NULL,
    resource    TEXT NOT NULL,                             -- price_lists
    id          TEXT NOT NULL,                             -- the service's id
    written_in  INTEGER NOT NULL,                          -- number of the write, see write_counter
    content     INTEGER NOT NULL,                          -- fingerprint of the record, without links that expire
    synced_at   TEXT NOT NULL,                             -- when this content was written here
    name        TEXT,
    prices_type TEXT,                                      -- net, gross
    type        TEXT,                                      -- sell, purchase
    valid_from  TEXT,
    valid_to    TEXT,
    is_default  INTEGER,
    raw         TEXT NOT NULL,                             -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX price_lists_by_write ON price_lists (account_id, written_in);

CREATE TABLE price_list_items (
    row           INTEGER PRIMARY KEY,                     -- ours
    account_id    INTEGER NOT NULL,
    resource      TEXT NOT NULL,                           -- price_list_items
    id            TEXT NOT NULL,                           -- the service's id
    written_in    INTEGER NOT NULL,                        -- number of the write, see write_counter
    content       INTEGER NOT NULL,                        -- fingerprint of the record, without links that expire
    synced_at     TEXT NOT NULL,                           -- when this content was written here
    price_list_id TEXT,
    product_id    INTEGER,
    price         REAL,
    raw           TEXT NOT NULL,                           -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX price_list_items_by_product ON price_list_items (account_id, product_id);

CREATE INDEX price_list_items_by_write ON price_list_items (account_id, written_in);

CREATE TABLE vat_types (
    row            INTEGER PRIMARY KEY,                    -- ours
    account_id     INTEGER NOT NULL,
    resource       TEXT NOT NULL,                          -- vat_types
    id             INTEGER NOT NULL,                       -- the service's id
    written_in     INTEGER NOT NULL,                       -- number of the write, see write_counter
    content        INTEGER NOT NULL,                       -- fingerprint of the record, without links that expire
    synced_at      TEXT NOT NULL,                          -- when this content was written here
    value          REAL,                                   -- percent
    description    TEXT,
    notes          TEXT,
    ei_type        TEXT,
    ei_description TEXT,
    e_invoice      INTEGER,
    editable       INTEGER,
    is_disabled    INTEGER,
    is_default     INTEGER,
    nature         TEXT,                                   -- N2.2, …: why there is no VAT; null where there is
    raw            TEXT NOT NULL,                          -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX vat_types_by_write ON vat_types (account_id, written_in);

CREATE TABLE payment_methods (
    row                        INTEGER PRIMARY KEY,        -- ours
    account_id                 INTEGER NOT NULL,
    resource                   TEXT NOT NULL,              -- payment_methods
    id                         INTEGER NOT NULL,           -- the service's id
    written_in                 INTEGER NOT NULL,           -- number of the write, see write_counter
    content                    INTEGER NOT NULL,           -- fingerprint of the record, without links that expire
    synced_at                  TEXT NOT NULL,              -- when this content was written here
    name                       TEXT,
    type                       TEXT,                       -- standard, riba
    bank_iban                  TEXT,
    bank_name                  TEXT,
    bank_beneficiary           TEXT,
    ei_payment_method          TEXT,
    is_default                 INTEGER,
    default_payment_account_id INTEGER,
    raw                        TEXT NOT NULL,              -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX payment_methods_by_write ON payment_methods (account_id, written_in);

CREATE TABLE payment_accounts (
    row        INTEGER PRIMARY KEY,                        -- ours
    account_id INTEGER NOT NULL,
    resource   TEXT NOT NULL,                              -- payment_accounts
    id         INTEGER NOT NULL,                           -- the service's id
    written_in INTEGER NOT NULL,                           -- number of the write, see write_counter
    content    INTEGER NOT NULL,                           -- fingerprint of the record, without links that expire
    synced_at  TEXT NOT NULL,                              -- when this content was written here
    name       TEXT,
    type       TEXT,                                       -- standard, bank
    iban       TEXT,
    sia        TEXT,
    cuc        TEXT,
    virtual    INTEGER,
    raw        TEXT NOT NULL,                              -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX payment_accounts_by_write ON payment_accounts (account_id, written_in);

CREATE TABLE names (
    row        INTEGER PRIMARY KEY,                        -- ours
    account_id INTEGER NOT NULL,
    resource   TEXT NOT NULL,                              -- revenue_centers, …
    id         TEXT NOT NULL,                              -- the service's id
    written_in INTEGER NOT NULL,                           -- number of the write, see write_counter
    content    INTEGER NOT NULL,                           -- fingerprint of the record, without links that expire
    synced_at  TEXT NOT NULL,                              -- when this content was written here
    list       TEXT,
    context    TEXT,
    name       TEXT,
    raw        TEXT NOT NULL,                              -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX names_by_write ON names (account_id, written_in);

CREATE TABLE companies (
    row                             INTEGER PRIMARY KEY,   -- ours
    account_id                      INTEGER NOT NULL,
    resource                        TEXT NOT NULL,         -- companies
    id                              INTEGER NOT NULL,      -- the service's id
    written_in                      INTEGER NOT NULL,      -- number of the write, see write_counter
    content                         INTEGER NOT NULL,      -- fingerprint of the record, without links that expire
    synced_at                       TEXT NOT NULL,         -- when this content was written here
    name                            TEXT,
    email                           TEXT,
    type                            TEXT,
    fic_license_expire              TEXT,
    fic_plan_name                   TEXT,
    accountant_id                   INTEGER,
    is_accountant                   INTEGER,
    limit_clients                   INTEGER,
    limit_suppliers                 INTEGER,
    limit_products                  INTEGER,
    limit_documents                 INTEGER,
    usage_clients                   INTEGER,
    usage_suppliers                 INTEGER,
    usage_products                  INTEGER,
    usage_documents                 INTEGER,
    company_type                    TEXT,
    company_subtype                 TEXT,
    profession                      TEXT,
    regime                          TEXT,                  -- forfettario_5, …
    rivalsa_name                    TEXT,
    cassa_name                      TEXT,
    cassa2_name                     TEXT,
    default_rivalsa                 REAL,
    default_cassa                   REAL,
    default_cassa_taxable           REAL,
    default_cassa2                  REAL,
    default_cassa2_taxable          REAL,
    default_withholding_tax         REAL,
    default_withholding_tax_taxable REAL,
    default_other_withholding_tax   REAL,
    contributions_percentage        REAL,
    profit_coefficient              REAL,
    enasarco                        INTEGER,
    med                             INTEGER,
    enasarco_type                   TEXT,
    default_vat_id                  INTEGER,
    raw                             TEXT NOT NULL,         -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX companies_by_write ON companies (account_id, written_in);

CREATE TABLE numeration_rows (
    row               INTEGER PRIMARY KEY,                 -- ours
    account_id        INTEGER NOT NULL,
    resource          TEXT NOT NULL,                       -- numerations
    id                TEXT NOT NULL,                       -- the service's id
    written_in        INTEGER NOT NULL,                    -- number of the write, see write_counter
    content           INTEGER NOT NULL,                    -- fingerprint of the record, without links that expire
    synced_at         TEXT NOT NULL,                       -- when this content was written here
    document_resource TEXT,
    year              INTEGER,
    numeration        TEXT,
    next_number       INTEGER,
    raw               TEXT NOT NULL,                       -- the record's JSON as the service sent it
    UNIQUE (account_id, resource, id)
) STRICT;

CREATE INDEX numeration_rows_by_write ON numeration_rows (account_id, written_in);

CREATE TABLE deleted_records (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    resource   TEXT NOT NULL,
    id         ANY NOT NULL,                             -- a number or a text, as the service has it
    deleted_at TEXT NOT NULL,                            -- when ficsync recorded it
    written_in INTEGER NOT NULL,
    label      TEXT,                                     -- of documents: number and numeration
    name       TEXT,                                     -- of the client, the product, …
    date       TEXT,
    amount     REAL,                                     -- in euro
    raw        TEXT,
    PRIMARY KEY (account_id, resource, id)
) STRICT;

CREATE INDEX deleted_records_by_write ON deleted_records (account_id, written_in);

CREATE TABLE month_requests (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    month      TEXT NOT NULL,                            -- 2026-06, in Italy
    requests   INTEGER NOT NULL,
    PRIMARY KEY (account_id, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE request_days (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    day        TEXT NOT NULL,
    requests   INTEGER NOT NULL,
    PRIMARY KEY (account_id, day)
) STRICT, WITHOUT ROWID;

CREATE VIEW archive_categories AS
SELECT account_id, id, context, name, synced_at, raw
  FROM names
 WHERE resource = 'archive_categories';

CREATE VIEW cash_movements AS
SELECT p.account_id, p.paid_on AS date, 'client' AS source, 'in' AS direction, p.payment_account_id,
       p.payment_account_name, p.sign * p.amount_eur AS amount,
       max(p.sign * p.amount_eur, 0) AS money_in, abs(min(p.sign * p.amount_eur, 0)) AS money_out
  FROM document_payments AS p
 WHERE p.state = 'paid' AND p.sign <> 0
UNION ALL
SELECT p.account_id, p.paid_on, 'supplier', 'out', p.payment_account_id, p.payment_account_name,
       0 - p.sign * p.amount_eur, abs(min(p.sign * p.amount_eur, 0)), max(p.sign * p.amount_eur, 0)
  FROM received_payments AS p
 WHERE p.state = 'paid' AND p.sign <> 0
UNION ALL
SELECT r.account_id, r.date, 'receipt', 'in', r.payment_account_id, r.payment_account_name,
       r.sign * r.amount_gross, max(r.sign * r.amount_gross, 0), abs(min(r.sign * r.amount_gross, 0))
  FROM receipts AS r
 WHERE r.amount_gross IS NOT NULL
UNION ALL
SELECT t.account_id, t.due_date, 'tax', 'out', t.payment_account_id, t.payment_account_name,
       0 - t.amount, abs(min(t.amount, 0)), max(t.amount, 0)
  FROM taxes AS t
 WHERE t.status = 'paid' AND t.amount IS NOT NULL
UNION ALL
SELECT c.account_id, c.date, 'cashbook', 'in', c.payment_account_in_id, c.payment_account_in_name,
       c.amount_in, max(c.amount_in, 0), abs(min(c.amount_in, 0))
  FROM cashbook_entries AS c
 WHERE c.kind = 'cashbook' AND c.amount_in <> 0
UNION ALL
SELECT c.account_id, c.date, 'cashbook', 'out', c.payment_account_out_id, c.payment_account_out_name,
       0 - c.amount_out, abs(min(c.amount_out, 0)), max(c.amount_out, 0)
  FROM cashbook_entries AS c
 WHERE c.kind = 'cashbook' AND c.amount_out <> 0;

CREATE VIEW clients AS
SELECT account_id, id, code, name, type, vat_number, tax_code, email, certified_email, phone, address_street,
       address_postal_code, address_city, address_province, country, ei_code, first_name, last_name, contact_person,
       address_extra, country_iso, fax, notes, bank_iban, e_invoice, default_payment_terms,
       default_payment_terms_type, default_payment_method_id, default_vat_id, default_discount, price_list_id,
       has_intent_declaration, intent_declaration_protocol_number, intent_declaration_protocol_date, vat_key,
       created_at, updated_at, synced_at, raw
  FROM entities
 WHERE resource = 'clients';

CREATE VIEW cost_centers AS
SELECT account_id, id, context, name, synced_at, raw
  FROM names
 WHERE resource = 'cost_centers';

CREATE VIEW credit_note_items AS
SELECT d.account_id, d.id AS credit_note_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'credit_notes';

CREATE VIEW credit_note_payments AS
SELECT d.account_id, d.id AS credit_note_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'credit_notes';

CREATE VIEW credit_note_vat AS
SELECT d.account_id, d.id AS credit_note_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'credit_notes';

CREATE VIEW credit_notes AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'credit_notes';

CREATE VIEW delivery_note_items AS
SELECT d.account_id, d.id AS delivery_note_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'delivery_notes';

CREATE VIEW delivery_note_payments AS
SELECT d.account_id, d.id AS delivery_note_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'delivery_notes';

CREATE VIEW delivery_note_vat AS
SELECT d.account_id, d.id AS delivery_note_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'delivery_notes';

CREATE VIEW delivery_notes AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'delivery_notes';

CREATE VIEW e_invoices AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, d.entity_id,
       coalesce(CASE WHEN d.resource <> 'self_own_invoices'
                     THEN (SELECT e.name
                             FROM entities AS e
                            WHERE e.account_id = d.account_id AND e.id = d.entity_id
                              AND e.resource = CASE d.resource WHEN 'self_supplier_invoices' THEN 'suppliers'
                                                               ELSE 'clients' END) END,
                d.entity_name) AS entity,
       d.base_eur, d.vat_eur, d.ei_status
  FROM documents AS d
 WHERE d.e_invoice AND d.resource IN ('invoices', 'credit_notes', 'self_own_invoices', 'self_supplier_invoices');

CREATE VIEW email_attachments AS
SELECT d.account_id, d.id AS email_id, c.position, c.filename
  FROM email_attachment_rows c JOIN emails d ON d.row = c.parent;

CREATE VIEW expense_items AS
SELECT d.account_id, d.id AS expense_id, c.position, c.id, c.product_id, c.code, c.name, c.measure, c.category,
       c.net_price, c.qty, c.stock, c.vat_id, c.vat_value, c.vat_description, c.deductibility_vat_percentage,
       c.net_eur
  FROM received_items c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'expenses';

CREATE VIEW expense_payments AS
SELECT d.account_id, d.id AS expense_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM received_payments c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'expenses';

CREATE VIEW expense_vat AS
SELECT d.account_id, d.id AS expense_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM received_vat c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'expenses';

CREATE VIEW expenses AS
SELECT account_id, id, date, category, description, rc_center, invoice_number, next_due_date, entity_id, entity_name,
       entity_vat_number, currency, exchange_rate, amount_net, amount_vat, amount_gross, amount_withholding_tax,
       amount_other_withholding_tax, amortization, tax_deductibility, vat_deductibility, is_marked, is_detailed,
       e_invoice, auto_calculate, locked, has_attachment, ei_reception_date, is_from_pending_expenses,
       payment_status, sign, year, net_eur, vat_eur, withholding_eur, other_withholding_eur, deductible_vat_eur,
       deductible_cost_eur, payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM received_documents
 WHERE resource = 'expenses';

CREATE VIEW invoice_items AS
SELECT d.account_id, d.id AS invoice_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'invoices';

CREATE VIEW invoice_payments AS
SELECT d.account_id, d.id AS invoice_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'invoices';

CREATE VIEW invoice_vat AS
SELECT d.account_id, d.id AS invoice_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'invoices';

CREATE VIEW invoices AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'invoices';

CREATE VIEW issued_receipt_items AS
SELECT d.account_id, d.id AS issued_receipt_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'issued_receipts';

CREATE VIEW issued_receipt_payments AS
SELECT d.account_id, d.id AS issued_receipt_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'issued_receipts';

CREATE VIEW issued_receipt_vat AS
SELECT d.account_id, d.id AS issued_receipt_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'issued_receipts';

CREATE VIEW issued_receipts AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'issued_receipts';

CREATE VIEW numerations AS
SELECT account_id, id, document_resource AS resource, year, numeration, next_number, synced_at, raw
  FROM numeration_rows;

CREATE VIEW offers AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, substr(d.date, 1, 7) AS month, d.entity_id AS client_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'clients' AND e.id = d.entity_id),
                d.entity_name) AS client,
       d.entity_name, d.subject, d.net_eur,
       coalesce(d.merged_in, 'false') NOT IN ('false', '0', '""', '[]', '{}')
       OR EXISTS (SELECT 1
                    FROM documents AS i
                   WHERE i.original_document_id = d.id AND i.account_id = d.account_id AND i.resource = 'invoices')
       OR EXISTS (SELECT 1
                    FROM documents AS i
                   WHERE i.account_id = d.account_id AND i.entity_id = d.entity_id AND i.resource = 'invoices'
                     AND i.date >= d.date AND i.date <= date(d.date, '+180 days')
                     AND coalesce(i.currency, 'EUR') = coalesce(d.currency, 'EUR')
                     AND abs(i.amount_net - d.amount_net) < 0.005) AS invoiced
  FROM documents AS d
 WHERE d.resource IN ('quotes', 'proformas', 'orders', 'delivery_notes', 'work_reports');

CREATE VIEW order_items AS
SELECT d.account_id, d.id AS order_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'orders';

CREATE VIEW order_payments AS
SELECT d.account_id, d.id AS order_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'orders';

CREATE VIEW order_vat AS
SELECT d.account_id, d.id AS order_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'orders';

CREATE VIEW orders AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'orders';

CREATE VIEW passive_credit_note_items AS
SELECT d.account_id, d.id AS passive_credit_note_id, c.position, c.id, c.product_id, c.code, c.name, c.measure, c.category,
       c.net_price, c.qty, c.stock, c.vat_id, c.vat_value, c.vat_description, c.deductibility_vat_percentage,
       c.net_eur
  FROM received_items c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'passive_credit_notes';

CREATE VIEW passive_credit_note_payments AS
SELECT d.account_id, d.id AS passive_credit_note_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM received_payments c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'passive_credit_notes';

CREATE VIEW passive_credit_note_vat AS
SELECT d.account_id, d.id AS passive_credit_note_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM received_vat c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'passive_credit_notes';

CREATE VIEW passive_credit_notes AS
SELECT account_id, id, date, category, description, rc_center, invoice_number, next_due_date, entity_id, entity_name,
       entity_vat_number, currency, exchange_rate, amount_net, amount_vat, amount_gross, amount_withholding_tax,
       amount_other_withholding_tax, amortization, tax_deductibility, vat_deductibility, is_marked, is_detailed,
       e_invoice, auto_calculate, locked, has_attachment, ei_reception_date, is_from_pending_expenses,
       payment_status, sign, year, net_eur, vat_eur, withholding_eur, other_withholding_eur, deductible_vat_eur,
       deductible_cost_eur, payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM received_documents
 WHERE resource = 'passive_credit_notes';

CREATE VIEW passive_delivery_note_items AS
SELECT d.account_id, d.id AS passive_delivery_note_id, c.position, c.id, c.product_id, c.code, c.name, c.measure, c.category,
       c.net_price, c.qty, c.stock, c.vat_id, c.vat_value, c.vat_description, c.deductibility_vat_percentage,
       c.net_eur
  FROM received_items c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'passive_delivery_notes';

CREATE VIEW passive_delivery_note_payments AS
SELECT d.account_id, d.id AS passive_delivery_note_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM received_payments c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'passive_delivery_notes';

CREATE VIEW passive_delivery_note_vat AS
SELECT d.account_id, d.id AS passive_delivery_note_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM received_vat c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'passive_delivery_notes';

CREATE VIEW passive_delivery_notes AS
SELECT account_id, id, date, category, description, rc_center, invoice_number, next_due_date, entity_id, entity_name,
       entity_vat_number, currency, exchange_rate, amount_net, amount_vat, amount_gross, amount_withholding_tax,
       amount_other_withholding_tax, amortization, tax_deductibility, vat_deductibility, is_marked, is_detailed,
       e_invoice, auto_calculate, locked, has_attachment, ei_reception_date, is_from_pending_expenses,
       payment_status, sign, year, net_eur, vat_eur, withholding_eur, other_withholding_eur, deductible_vat_eur,
       deductible_cost_eur, payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM received_documents
 WHERE resource = 'passive_delivery_notes';

CREATE VIEW pending_payments AS
SELECT d.account_id, d.id AS pending_document_id, c.position, c.amount, c.due_date, c.paid_date, c.status,
       c.paid_with_ts_pay, c.payment_account_id
  FROM pending_payment_rows c JOIN pending_documents d ON d.row = c.parent;

CREATE VIEW product_categories AS
SELECT account_id, id, context, name, synced_at, raw
  FROM names
 WHERE resource = 'product_categories';

CREATE VIEW proforma_items AS
SELECT d.account_id, d.id AS proforma_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'proformas';

CREATE VIEW proforma_payments AS
SELECT d.account_id, d.id AS proforma_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'proformas';

CREATE VIEW proforma_vat AS
SELECT d.account_id, d.id AS proforma_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'proformas';

CREATE VIEW proformas AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'proformas';

CREATE VIEW purchase_payments AS
SELECT p.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'expense' ELSE 'passive_credit_note' END AS kind,
       d.invoice_number AS label, d.date, d.entity_id AS supplier_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'suppliers' AND e.id = d.entity_id),
                (SELECT o.entity_name
                   FROM received_documents AS o
                  WHERE o.account_id = d.account_id AND o.entity_id = d.entity_id
                    AND o.resource IN ('expenses', 'passive_credit_notes')
                  ORDER BY o.date DESC, o.id DESC
                  LIMIT 1),
                d.entity_name) AS supplier,
       CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS supplier_without_id,
       p.position, p.state AS status, p.due_on, p.paid_on, p.sign, p.sign * p.amount_eur AS amount,
       d.currency, p.sign * coalesce(p.amount, 0) AS amount_currency, p.share,
       p.sign * p.share * d.net_eur AS net, p.sign * p.share * d.vat_eur AS vat,
       p.sign * p.share * d.withholding_eur AS withholding,
       p.sign * p.share * d.other_withholding_eur AS other_withholding,
       d.withholding_eur, d.other_withholding_eur, p.payment_account_id, p.payment_account_name
  FROM received_payments AS p
  JOIN received_documents AS d ON d.row = p.parent
 WHERE p.sign <> 0;

CREATE VIEW purchases AS
SELECT d.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'expense' ELSE 'passive_credit_note' END AS kind,
       d.invoice_number AS label, d.date, substr(d.date, 1, 7) AS month, d.year, d.entity_id AS supplier_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'suppliers' AND e.id = d.entity_id),
                (SELECT o.entity_name
                   FROM received_documents AS o
                  WHERE o.account_id = d.account_id AND o.entity_id = d.entity_id
                    AND o.resource IN ('expenses', 'passive_credit_notes')
                  ORDER BY o.date DESC, o.id DESC
                  LIMIT 1),
                d.entity_name) AS supplier,
       d.entity_name, CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS supplier_without_id,
       d.category, d.description, d.rc_center, d.sign,
       d.sign * d.net_eur AS net, d.sign * d.vat_eur AS vat, d.sign * d.deductible_vat_eur AS deductible_vat,
       d.sign * d.deductible_cost_eur AS deductible_cost, d.sign * d.withholding_eur AS withholding,
       d.sign * d.other_withholding_eur AS other_withholding, d.sign * d.payments_eur AS payments,
       d.sign * d.paid_eur AS paid, d.sign * d.open_eur AS open,
       d.net_eur, d.vat_eur, d.deductible_vat_eur, d.deductible_cost_eur, d.withholding_eur,
       d.other_withholding_eur, d.payments_eur, d.paid_eur, d.open_eur,
       d.currency, d.exchange_rate, d.is_detailed, d.payment_status
  FROM received_documents AS d
 WHERE d.resource IN ('expenses', 'passive_credit_notes');

CREATE VIEW quote_items AS
SELECT d.account_id, d.id AS quote_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'quotes';

CREATE VIEW quote_payments AS
SELECT d.account_id, d.id AS quote_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'quotes';

CREATE VIEW quote_vat AS
SELECT d.account_id, d.id AS quote_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'quotes';

CREATE VIEW quotes AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'quotes';

CREATE VIEW receipt_items AS
SELECT d.account_id, d.id AS receipt_id, c.position, c.id, c.amount_net, c.amount_gross, c.amount_vat, c.category,
       c.vat_id, c.vat_value
  FROM receipt_item_rows c JOIN receipts d ON d.row = c.parent;

CREATE VIEW received_document_categories AS
SELECT account_id, id, context, name, synced_at, raw
  FROM names
 WHERE resource = 'received_document_categories';

CREATE VIEW received_self_invoice_items AS
SELECT d.account_id, d.id AS received_self_invoice_id, c.position, c.id, c.product_id, c.code, c.name, c.measure, c.category,
       c.net_price, c.qty, c.stock, c.vat_id, c.vat_value, c.vat_description, c.deductibility_vat_percentage,
       c.net_eur
  FROM received_items c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'received_self_invoices';

CREATE VIEW received_self_invoice_payments AS
SELECT d.account_id, d.id AS received_self_invoice_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM received_payments c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'received_self_invoices';

CREATE VIEW received_self_invoice_vat AS
SELECT d.account_id, d.id AS received_self_invoice_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM received_vat c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = 'received_self_invoices';

CREATE VIEW received_self_invoices AS
SELECT account_id, id, date, category, description, rc_center, invoice_number, next_due_date, entity_id, entity_name,
       entity_vat_number, currency, exchange_rate, amount_net, amount_vat, amount_gross, amount_withholding_tax,
       amount_other_withholding_tax, amortization, tax_deductibility, vat_deductibility, is_marked, is_detailed,
       e_invoice, auto_calculate, locked, has_attachment, ei_reception_date, is_from_pending_expenses,
       payment_status, sign, year, net_eur, vat_eur, withholding_eur, other_withholding_eur, deductible_vat_eur,
       deductible_cost_eur, payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM received_documents
 WHERE resource = 'received_self_invoices';

CREATE VIEW revenue_centers AS
SELECT account_id, id, context, name, synced_at, raw
  FROM names
 WHERE resource = 'revenue_centers';

CREATE VIEW sale_lines AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, substr(d.date, 1, 7) AS month, d.entity_id AS client_id,
       d.entity_name, d.sign, i.position, i.product_id, i.code, i.name, i.description, i.category, i.measure,
       d.sign * coalesce(i.qty, 1) AS quantity, d.sign * i.net_eur AS net, i.discount, i.vat_id,
       i.vat_value AS rate
  FROM documents AS d
  JOIN document_items AS i ON i.parent = d.row
 WHERE d.resource IN ('invoices', 'credit_notes');

CREATE VIEW sale_payments AS
SELECT p.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'invoice' ELSE 'credit_note' END AS kind,
       d.label, d.date, d.entity_id AS client_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'clients' AND e.id = d.entity_id),
                (SELECT o.entity_name
                   FROM documents AS o
                  WHERE o.account_id = d.account_id AND o.entity_id = d.entity_id
                    AND o.resource IN ('invoices', 'credit_notes')
                  ORDER BY o.date DESC, o.id DESC
                  LIMIT 1),
                d.entity_name) AS client,
       CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS client_without_id,
       p.position, p.state AS status, p.due_on, p.paid_on, p.sign, p.sign * p.amount_eur AS amount,
       d.currency, p.sign * coalesce(p.amount, 0) AS amount_currency, p.share,
       p.sign * p.share * d.net_eur AS net, p.sign * p.share * d.vat_eur AS vat,
       p.sign * p.share * d.revenue_eur AS revenue, p.sign * p.share * d.cassa_eur AS cassa,
       p.sign * p.share * d.withholding_eur AS withholding,
       p.sign * p.share * d.other_withholding_eur AS other_withholding,
       d.withholding_eur, d.other_withholding_eur, d.split_payment, d.vat_kind, d.ei_status,
       p.payment_account_id, p.payment_account_name
  FROM document_payments AS p
  JOIN documents AS d ON d.row = p.parent
 WHERE p.sign <> 0;

CREATE VIEW sales AS
SELECT d.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'invoice' ELSE 'credit_note' END AS kind,
       d.label, d.date, substr(d.date, 1, 7) AS month, d.year, d.entity_id AS client_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'clients' AND e.id = d.entity_id),
                (SELECT o.entity_name
                   FROM documents AS o
                  WHERE o.account_id = d.account_id AND o.entity_id = d.entity_id
                    AND o.resource IN ('invoices', 'credit_notes')
                  ORDER BY o.date DESC, o.id DESC
                  LIMIT 1),
                d.entity_name) AS client,
       d.entity_name, CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS client_without_id,
       d.rc_center, d.subject, d.sign,
       d.sign * d.net_eur AS net, d.sign * d.vat_eur AS vat, d.sign * d.rivalsa_eur AS rivalsa,
       d.sign * d.cassa_eur AS cassa, d.sign * d.revenue_eur AS revenue, d.sign * d.base_eur AS base,
       d.sign * d.withholding_eur AS withholding, d.sign * d.other_withholding_eur AS other_withholding,
       d.sign * d.payments_eur AS payments, d.sign * d.paid_eur AS paid, d.sign * d.open_eur AS open,
       d.net_eur, d.vat_eur, d.rivalsa_eur, d.cassa_eur, d.revenue_eur, d.base_eur, d.withholding_eur,
       d.other_withholding_eur, d.payments_eur, d.paid_eur, d.open_eur,
       d.currency, d.exchange_rate, d.split_payment, d.vat_kind, d.stamp_duty, d.payment_status, d.e_invoice,
       d.ei_status
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes');

CREATE VIEW self_own_invoice_items AS
SELECT d.account_id, d.id AS self_own_invoice_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'self_own_invoices';

CREATE VIEW self_own_invoice_payments AS
SELECT d.account_id, d.id AS self_own_invoice_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'self_own_invoices';

CREATE VIEW self_own_invoice_vat AS
SELECT d.account_id, d.id AS self_own_invoice_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'self_own_invoices';

CREATE VIEW self_own_invoices AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'self_own_invoices';

CREATE VIEW self_supplier_invoice_items AS
SELECT d.account_id, d.id AS self_supplier_invoice_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'self_supplier_invoices';

CREATE VIEW self_supplier_invoice_payments AS
SELECT d.account_id, d.id AS self_supplier_invoice_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'self_supplier_invoices';

CREATE VIEW self_supplier_invoice_vat AS
SELECT d.account_id, d.id AS self_supplier_invoice_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'self_supplier_invoices';

CREATE VIEW self_supplier_invoices AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'self_supplier_invoices';

CREATE VIEW series AS
SELECT d.account_id, 0 AS shared, d.resource AS series, coalesce(d.year, CAST(substr(d.date, 1, 4) AS INTEGER)) AS year,
       coalesce(d.numeration, '') AS numeration, d.number, d.id, d.date
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes', 'self_own_invoices', 'self_supplier_invoices')
   AND d.number IS NOT NULL
UNION ALL
SELECT d.account_id, 1, CASE WHEN d.resource IN ('invoices', 'credit_notes') THEN 'invoices+credit_notes' ELSE d.resource END,
       coalesce(d.year, CAST(substr(d.date, 1, 4) AS INTEGER)), coalesce(d.numeration, ''), d.number, d.id, d.date
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes', 'self_own_invoices', 'self_supplier_invoices')
   AND d.number IS NOT NULL;

CREATE VIEW stamp_duties AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, d.entity_id AS client_id, d.entity_name, d.e_invoice,
       round(coalesce(d.stamp_duty, 0) / d.exchange_rate, 2) AS stamp_duty,
       (SELECT round(coalesce(sum(v.net_eur), 0), 2)
          FROM document_vat AS v
          JOIN vat_types AS t ON t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id
         WHERE v.parent = d.row AND v.rate = 0
           AND t.nature IN ('N1', 'N2', 'N2.1', 'N2.2', 'N3.5', 'N3.6', 'N4')) AS subject,
       (SELECT group_concat(nature, ', ')
          FROM (SELECT DISTINCT t.nature
                  FROM document_vat AS v
                  JOIN vat_types AS t ON t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id
                 WHERE v.parent = d.row AND v.rate = 0
                   AND t.nature IN ('N1', 'N2', 'N2.1', 'N2.2', 'N3.5', 'N3.6', 'N4')
                 ORDER BY t.nature)) AS natures
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes', 'issued_receipts');

CREATE VIEW supplier_order_items AS
SELECT d.account_id, d.id AS supplier_order_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'supplier_orders';

CREATE VIEW supplier_order_payments AS
SELECT d.account_id, d.id AS supplier_order_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'supplier_orders';

CREATE VIEW supplier_order_vat AS
SELECT d.account_id, d.id AS supplier_order_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'supplier_orders';

CREATE VIEW supplier_orders AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'supplier_orders';

CREATE VIEW suppliers AS
SELECT account_id, id, code, name, type, vat_number, tax_code, email, certified_email, phone, address_street,
       address_postal_code, address_city, address_province, country, ei_code, first_name, last_name, contact_person,
       address_extra, country_iso, fax, notes, bank_iban, e_invoice, default_payment_terms,
       default_payment_terms_type, default_payment_method_id, default_vat_id, default_discount, price_list_id,
       has_intent_declaration, intent_declaration_protocol_number, intent_declaration_protocol_date, vat_key,
       created_at, updated_at, synced_at, raw
  FROM entities
 WHERE resource = 'suppliers';

CREATE VIEW to_register AS
SELECT d.account_id, d.id, d.source, d.document_type, coalesce(d.emission_date, d.date) AS date,
       d.supplier_name AS supplier, coalesce(d.subject, d.filename) AS subject,
       round(coalesce(d.amount_net, 0) / d.exchange_rate, 2) AS net,
       round(coalesce(d.amount_vat, 0) / d.exchange_rate, 2) AS vat, d.category, d.cost_center, d.import_error
  FROM pending_documents AS d;

CREATE VIEW vat_lines AS
SELECT d.account_id, 'sales' AS register, d.resource, d.id, d.label, d.date, d.entity_id, d.entity_name, d.sign,
       v.position, v.vat_id, v.rate,
       CASE WHEN v.rate = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id) END AS nature,
       d.sign * v.net_eur AS net, d.sign * v.vat_eur AS vat
  FROM documents AS d
  JOIN document_vat AS v ON v.parent = d.row
 WHERE d.resource IN ('invoices', 'credit_notes')
UNION ALL
SELECT d.account_id, 'self_invoices', d.resource, d.id, d.label, d.date, d.entity_id, d.entity_name, d.sign,
       v.position, v.vat_id, v.rate,
       CASE WHEN v.rate = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id) END,
       v.net_eur, v.vat_eur
  FROM documents AS d
  JOIN document_vat AS v ON v.parent = d.row
 WHERE d.resource IN ('self_own_invoices', 'self_supplier_invoices')
UNION ALL
SELECT d.account_id, 'purchases', d.resource, d.id, d.invoice_number, d.date, d.entity_id, d.entity_name, d.sign,
       v.position, v.vat_id, v.rate,
       CASE WHEN v.rate = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id) END,
       d.sign * v.net_eur, d.sign * v.vat_eur
  FROM received_documents AS d
  JOIN received_vat AS v ON v.parent = d.row
 WHERE d.resource IN ('expenses', 'passive_credit_notes')
UNION ALL
SELECT r.account_id, 'receipts', r.resource, r.id, CAST(CAST(r.number AS INTEGER) AS TEXT) || coalesce(r.numeration, ''),
       r.date, NULL, r.description, r.sign,
       i.position, i.vat_id, coalesce(i.vat_value, 0),
       CASE WHEN coalesce(i.vat_value, 0) = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = r.account_id AND t.resource = 'vat_types' AND t.id = i.vat_id) END,
       coalesce(r.sign * i.amount_net, 0), coalesce(r.sign * i.amount_vat, 0)
  FROM receipts AS r
  JOIN receipt_item_rows AS i ON i.parent = r.row;

CREATE VIEW work_report_items AS
SELECT d.account_id, d.id AS work_report_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'work_reports';

CREATE VIEW work_report_payments AS
SELECT d.account_id, d.id AS work_report_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'work_reports';

CREATE VIEW work_report_vat AS
SELECT d.account_id, d.id AS work_report_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = 'work_reports';

CREATE VIEW work_reports AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status, sign, label, visible_subject,
       notes, rc_center, entity_tax_code, entity_country, entity_certified_email, entity_ei_code, language,
       exchange_rate, rivalsa, cassa, cassa_taxable, cassa2, cassa2_taxable, withholding_tax,
       withholding_tax_taxable, other_withholding_tax, amount_rivalsa, amount_cassa, amount_cassa2,
       amount_withholding_tax, amount_other_withholding_tax, amount_due_discount, amount_withholding_tax_taxable,
       amount_other_withholding_tax_taxable, amount_rivalsa_taxable, amount_cassa_taxable, amount_cassa2_taxable,
       amount_global_cassa_taxable, amount_enasarco_taxable, stamp_duty, payment_method_id, payment_method_name,
       ei_payment_method, vat_kind, split_payment, original_document_type, od_number, od_date, cig, cup,
       use_gross_prices, e_invoice, is_marked, locked, delivery_note, accompanying_invoice, dn_number, dn_date,
       dn_ai_causal, dn_ai_destination, dn_ai_transporter, document_type, merged_in, original_document,
       original_document_id, price_list_id, seen_date, has_attachment, ts_communication, ts_sent_date, ts_status,
       net_eur, vat_eur, rivalsa_eur, cassa_eur, withholding_eur, other_withholding_eur, revenue_eur, base_eur,
       payments_eur, paid_eur, open_eur, created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'work_reports';
