-- Everything the company has: every resource type that the service lets one read, with what is worked out of it.
-- What is here is written anew from its JSON, so that the new columns are filled; rows of lists hang on their record's own
-- row number, which keeps their keys and the indexes small. Cost on a large file: some seconds for each 100,000 documents,
-- and room for both copies of them while it runs; VACUUM gives that back.

DROP TABLE document_items;
DROP TABLE document_payments;
DROP INDEX entities_by_change;
DROP INDEX entities_by_creation;
DROP INDEX entities_by_vat_number;
DROP INDEX documents_by_change;
DROP INDEX documents_by_creation;
DROP INDEX documents_by_date;
DROP INDEX documents_by_entity;
DROP INDEX documents_by_due_date;
DROP INDEX documents_by_vat_number;

-- Their records are taken over by the program, which removes these tables then.
ALTER TABLE entities RENAME TO former_entities;
ALTER TABLE documents RENAME TO former_documents;

-- Clients and suppliers (anagrafica). People read the views `clients` and `suppliers`.
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

-- Issued documents (documenti emessi). People read one view per type: `invoices`, `quotes`, …
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
-- What is added up over years is read from this index alone: the rows, with their JSON, are fifty times as large.
CREATE INDEX documents_by_date ON documents (
    account_id, resource, date, id, entity_id, entity_name, sign, net_eur, vat_eur, cassa_eur, revenue_eur,
    payments_eur, paid_eur, open_eur, rc_center, split_payment, vat_kind);
CREATE INDEX documents_by_number ON documents (account_id, resource, year, numeration, number, id, date);
-- With the name, so that the latest one of a client that was deleted is found here: an index that does not hold what is
-- asked for is passed over for one that does.
CREATE INDEX documents_by_entity ON documents (account_id, entity_id, resource, date, id, entity_name);
CREATE INDEX documents_by_ei_status ON documents (account_id, ei_status) WHERE e_invoice;
CREATE INDEX documents_by_original ON documents (original_document_id) WHERE original_document_id IS NOT NULL;
CREATE INDEX documents_by_write ON documents (account_id, written_in);

-- One row per line of a document (items_list).
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

-- One row per instalment of a document (payments_list).
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

-- One row per VAT type and rate of a document, worked out: they add up to the document.
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

-- Received documents (documenti ricevuti). People read `expenses`, `passive_credit_notes`, …
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

-- One row per line of a received document (items_list).
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

-- One row per instalment of a received document (payments_list).
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

-- One row per VAT type and rate of a received document, worked out: they add up to the document.
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

-- Documents that wait to be registered (fatture da registrare).
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

-- One row per instalment of a document that waits (payments_list).
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

-- Products (prodotti).
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

-- Corrispettivi. The documents called ricevute are in the view `issued_receipts`.
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

-- One row per line of a receipt (items_list).
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

-- F24.
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

-- The archive (archivio).
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

-- Prima nota.
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

-- E-mails sent through the service.
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

-- One row per attachment of an e-mail.
CREATE TABLE email_attachment_rows (
    account_id INTEGER NOT NULL,
    parent     INTEGER NOT NULL,                           -- emails.row
    position   INTEGER NOT NULL,                           -- from 0, in the order of the service
    filename   TEXT,
    PRIMARY KEY (parent, position)
) STRICT, WITHOUT ROWID;

-- Price lists (listini).
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

-- Prices of products on a price list.
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

-- VAT types (aliquote IVA).
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

-- Payment methods (metodi di pagamento).
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

-- Payment accounts (conti di saldo): banks, tills.
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

-- Names without ids: centres and categories (centri, categorie). A renamed one is a new one.
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

-- The company itself: its licence, and its tax profile where the token may read it.
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

-- The next number of each series (sezionale), by document type and year.
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

-- What vanished at the service, with its last known content (a tombstone). The row stays when the record comes back.
ALTER TABLE deleted_records RENAME TO former_deleted_records;
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

ALTER TABLE sync_state ADD COLUMN
    looked_at TEXT /* when the list was last looked at, by a run that ended well or by a worker */ DEFAULT NULL;
ALTER TABLE sync_state ADD COLUMN
    denied_at TEXT /* when the service last said that the token may not read it */ DEFAULT NULL;
ALTER TABLE sync_state ADD COLUMN
    unfinished INTEGER /* 1: a walk, or a part of the changes, is not read to its end */ NOT NULL DEFAULT 0;
UPDATE sync_state
   SET looked_at = last_success_at,
       unfinished = coalesce(progress ->> '$.walk' IS NOT NULL OR progress ->> '$.gap' IS NOT NULL, 0);

-- Requests that looks by themselves have used of an account's month.
CREATE TABLE month_requests (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    month      TEXT NOT NULL,                            -- 2026-06, in Italy
    requests   INTEGER NOT NULL,
    PRIMARY KEY (account_id, month)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_group ON events (account_id, event_group, received_at);

-- Requests that were sent, by day (UTC): those of runs, of workers, of checks.
CREATE TABLE request_days (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    day        TEXT NOT NULL,
    requests   INTEGER NOT NULL,
    PRIMARY KEY (account_id, day)
) STRICT, WITHOUT ROWID;
