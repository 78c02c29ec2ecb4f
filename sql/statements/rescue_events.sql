-- Takes events back whose holder is gone. The attempt counts; after the last one the event has failed.
UPDATE events
   SET status = iif(attempts >= :most_attempts, 'failed', 'pending'),
       next_attempt_at = iif(attempts >= :most_attempts, NULL, :now),
       processed_at = iif(attempts >= :most_attempts, :now, NULL),
       last_error = 'the process that worked on it ended in the middle (' || leased_by || ')',
       leased_by = NULL, leased_until = NULL
 WHERE status = 'processing'
   AND (leased_until <= :now OR leased_by IN (SELECT value FROM json_each(:dead)))
RETURNING status, account_id;
