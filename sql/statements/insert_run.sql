-- Adds a finished run of one resource.
INSERT INTO sync_runs (
    account_id, resource, mode, started_at, finished_at,
    requests, fetched, inserted, updated, unchanged, deleted, outcome, error)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);
