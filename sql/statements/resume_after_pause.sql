-- Events that waited for a pause that is over go on: those that a service that was down kept from an attempt are due, the
-- others when they were before the pause. What they waited for by a clock that was ahead counts for nothing.
UPDATE events
   SET next_attempt_at = iif(retry_at > next_attempt_at OR coalesce(waits_since, received_at) > :now,
                             :now, max(:now, coalesce(retry_at, :now))),
       retry_at = iif(coalesce(waits_since, received_at) > :now, NULL, retry_at),
       waits_since = :now
 WHERE status = 'pending' AND account_id = :account_id AND next_attempt_at > :now
   AND EXISTS (SELECT 1 FROM event_pauses AS pause
                WHERE pause.account_id = events.account_id
                  AND (:prefix IS NULL OR pause.prefix IN ('', :prefix))
                  AND substr(events.type, 1, length(pause.prefix)) = pause.prefix);
