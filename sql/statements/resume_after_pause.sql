-- Events that waited for a pause that is over go on: those that a service that was down kept from an attempt are due, the
-- others when they were before the pause.
UPDATE events
   SET next_attempt_at = iif(retry_at > next_attempt_at, :now, max(:now, coalesce(retry_at, :now)))
 WHERE status = 'pending' AND account_id = :account_id AND next_attempt_at > :now
   AND EXISTS (SELECT 1 FROM event_pauses AS pause
                WHERE pause.account_id = events.account_id
                  AND (:prefix IS NULL OR pause.prefix IN ('', :prefix))
                  AND substr(events.type, 1, length(pause.prefix)) = pause.prefix);
