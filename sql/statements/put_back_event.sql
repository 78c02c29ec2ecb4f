-- An event whose attempt did not succeed: it waits again, or has failed when there is no next time.
UPDATE events
   SET status = iif(:next_attempt_at IS NULL, 'failed', 'pending'),
       next_attempt_at = :next_attempt_at,
       retry_at = coalesce(:retry_at, retry_at),
       waits_since = iif(:next_attempt_at IS NULL, NULL, :now),
       processed_at = iif(:next_attempt_at IS NULL, :now, NULL),
       attempts = attempts - :taken_back,
       last_error = coalesce(:error, last_error),
       leased_by = NULL, leased_until = NULL
 WHERE id = :id AND status = 'processing' AND leased_by = :holder;
