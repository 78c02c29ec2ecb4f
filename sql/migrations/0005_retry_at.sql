-- Outages: events are tried more often than they have attempts, and go on soon after the service is back.
-- From when on a try is counted again stands here. Cost on a large file: none, the rows are not touched.

ALTER TABLE events ADD COLUMN
    retry_at TEXT /* pending: before this, a try of a service that is down is no attempt */ DEFAULT NULL;
