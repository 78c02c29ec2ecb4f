-- Speed: when the service last refused a request for it (429).
-- The limit of 300 requests in five minutes is documented, but it is the service's to enforce: by our own count we keep
-- to it only where it was seen to do so. Cost on a large file: none, the table has a row per account.

ALTER TABLE quota ADD COLUMN too_fast_at TEXT;
