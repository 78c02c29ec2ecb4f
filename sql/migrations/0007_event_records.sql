-- Backlogs: what is done to some events must cost no more when many others wait.
-- Cost on a large file: a row and an index entry for each event that waits; done ones are not touched. 200,000 waiting
-- events take some seconds, once.
--
-- event_records is an index of what stands in events.remaining_ids, of the events that wait or are in work: one fetch of
-- a record serves all of its events, and they are found by the record. Triggers keep it, whoever writes to events.

CREATE TABLE event_records (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    lane       TEXT NOT NULL,
    record_id  ANY NOT NULL,                             -- a number, or the text that some records have for an id
    event_id   INTEGER NOT NULL,                         -- of an event that is pending or processing
    PRIMARY KEY (account_id, lane, record_id, event_id)
) STRICT, WITHOUT ROWID;

INSERT INTO event_records (account_id, lane, record_id, event_id)
SELECT DISTINCT events.account_id, events.lane, named.value, events.id
  FROM events, json_each(events.remaining_ids) AS named
 WHERE events.status IN ('pending', 'processing') AND named.value IS NOT NULL;

CREATE TRIGGER event_records_of_new AFTER INSERT ON events
WHEN new.status IN ('pending', 'processing')
BEGIN
    INSERT INTO event_records (account_id, lane, record_id, event_id)
    SELECT DISTINCT new.account_id, new.lane, value, new.id FROM json_each(new.remaining_ids) WHERE value IS NOT NULL;
END;

-- Events that begin or cease to wait, and those of which less remains.
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

-- Due events by lane and kind, the longest due first: neither those of a lane in work, nor those of a kind that is paused,
-- nor those that wait for their next attempt are looked at on the way to one that can be begun. An event that was put back
-- because of a pause keeps the place of its age: once the pause is over it is due, whatever next_attempt_at says.
ALTER TABLE events ADD COLUMN
    due_at TEXT /* pending, and a pause holds it back: due since then */ DEFAULT NULL;
DROP INDEX events_by_due;
DROP INDEX events_that_wait;
CREATE INDEX events_that_wait ON events (account_id, lane, type, coalesce(due_at, next_attempt_at))
 WHERE status = 'pending';
-- Events that were put back, by the time of that: what waits since a time in the future is found among them. Those that
-- never were wait since they came: events_by_status finds them.
CREATE INDEX events_put_back ON events (waits_since) WHERE status = 'pending' AND waits_since IS NOT NULL;
-- Failed events are looked for by themselves; they are few among many that are done.
CREATE INDEX events_failed ON events (account_id, id) WHERE status = 'failed';

-- A pause no longer moves the events that it holds back: they are due as they were before it. So are those that an older
-- version moved, but for their own delay after a failure. One of two times may be of a clock that was ahead.
UPDATE events
   SET due_at = coalesce(iif(retry_at > next_attempt_at, NULL, retry_at),
                         min(received_at, coalesce(waits_since, received_at)))
 WHERE status = 'pending'
   AND EXISTS (SELECT 1 FROM event_pauses AS pause
                WHERE pause.account_id = events.account_id
                  AND substr(events.type, 1, length(pause.prefix)) = pause.prefix);
