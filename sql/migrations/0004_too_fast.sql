-- When the service last refused a request for speed (429). Only a service that does so is held to 300 requests in five
-- minutes by our own count: the limit is documented, but it is the service's to enforce.
-- Cost on a large file: none, the table has a row per account.

ALTER TABLE quota ADD COLUMN too_fast_at TEXT;
