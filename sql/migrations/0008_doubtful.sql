-- Rows that a walk may have overlooked are told from rows that it missed, and an open second is read again.
-- A walk that needs several answers for one part of a list may overlook a record between two of them. Rows that it
-- misses there are noted as doubtful, and asked for one by one before they are taken for deleted.
-- What was read while its second was still running is read again ("open_from" in the resume points, which older
-- versions did not keep: the newest second is read once more).
-- Cost on a large file: none, the tables are small.
CREATE TABLE walk_records_new (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    resource   TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('missing', 'doubtful', 'seen')),
    id         INTEGER NOT NULL,
    asked      INTEGER NOT NULL,                         -- write_counter when the request began
    PRIMARY KEY (account_id, resource, kind, id)
) STRICT, WITHOUT ROWID;

INSERT INTO walk_records_new (account_id, resource, kind, id, asked)
SELECT account_id, resource, kind, id, asked FROM walk_records;

DROP TABLE walk_records;

ALTER TABLE walk_records_new RENAME TO walk_records;

UPDATE sync_state SET progress = json_set(coalesce(progress, '{}'), '$.open_from', watermark) WHERE watermark IS NOT NULL;
