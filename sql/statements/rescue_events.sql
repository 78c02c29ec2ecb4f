-- Takes events back whose holder is gone. The attempt counts; after the last one the event has failed.
--
-- A process that is killed again and again (no memory, a bad disk) must not use up in a minute the attempts that are meant
-- to reach over days: of an event that is young, crashes use up half of them and no more, and it rests between two. Else it
-- keeps the place that its age gives it.
UPDATE events
   SET status = iif(attempts >= :most_attempts AND received_at <= :long_ago, 'failed', 'pending'),
       attempts = iif(received_at <= :long_ago, attempts, min(attempts, :most_by_crashes)),
       next_attempt_at = CASE
           WHEN attempts >= :most_attempts AND received_at <= :long_ago THEN NULL
           WHEN attempts >= :most_by_crashes THEN :later
           ELSE min(received_at, :now)
       END,
       waits_since = :now,
       processed_at = iif(attempts >= :most_attempts AND received_at <= :long_ago, :now, NULL),
       last_error = 'the process that worked on it ended in the middle (' || leased_by || ')',
       leased_by = NULL, leased_until = NULL
 WHERE status = 'processing'
   AND (leased_until <= :now OR leased_by IN (SELECT value FROM json_each(:dead)))
RETURNING status, account_id;
