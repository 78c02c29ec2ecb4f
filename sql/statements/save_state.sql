-- Writes how far the mirror of a resource got.
INSERT INTO sync_state (
    account_id, resource, watermark, progress, refused, last_full_at, last_success_at, last_error,
    looked_at, denied_at, unfinished)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (account_id, resource) DO UPDATE SET
    watermark = excluded.watermark,
    progress = excluded.progress,
    refused = excluded.refused,
    last_full_at = excluded.last_full_at,
    last_success_at = excluded.last_success_at,
    last_error = excluded.last_error,
    looked_at = excluded.looked_at,
    denied_at = excluded.denied_at,
    unfinished = excluded.unfinished;
