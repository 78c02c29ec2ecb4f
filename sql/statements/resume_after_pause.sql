-- Events that waited for a pause that is over are due.
UPDATE events
   SET next_attempt_at = :now
 WHERE status = 'pending' AND account_id = :account_id AND next_attempt_at > :now
   AND EXISTS (SELECT 1 FROM event_pauses AS pause
                WHERE pause.account_id = events.account_id AND pause.until = events.next_attempt_at
                  AND (:prefix IS NULL OR pause.prefix IN ('', :prefix))
                  AND substr(events.type, 1, length(pause.prefix)) = pause.prefix);
