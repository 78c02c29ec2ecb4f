-- An event whose attempt did not succeed: it waits again, or has failed. What a pause holds back, and what was not tried
-- (no next time), is due as it was when it came, so that it keeps its place among the others.
UPDATE events
   SET status = iif(:failed, 'failed', 'pending'),
       next_attempt_at = iif(:failed, NULL, coalesce(:next_attempt_at, min(received_at, :now))),
       due_at = iif(:held, min(received_at, :now), NULL),
       retry_at = coalesce(:retry_at, retry_at),
       waits_since = iif(:failed, NULL, :now),
       processed_at = iif(:failed, :now, NULL),
       attempts = attempts - :taken_back,
       last_error = coalesce(:error, last_error),
       leased_by = NULL, leased_until = NULL
 WHERE id = :id AND status = 'processing' AND leased_by = :holder;
