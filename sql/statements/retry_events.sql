-- Failed events wait again, with all their attempts, in the place that their age gives them.
UPDATE events
   SET status = 'pending', attempts = 0, next_attempt_at = min(received_at, :now), waits_since = :now, retry_at = NULL,
       processed_at = NULL
 WHERE id IN (SELECT value FROM json_each(:ids)) AND status = 'failed'
RETURNING id;
