-- Events that wait for longer than any delay or pause: a clock that was ahead wrote that. They are due.
UPDATE events
   SET next_attempt_at = min(next_attempt_at, :now), retry_at = NULL
 WHERE status = 'pending'
   AND (retry_at > :longest_delay
        OR next_attempt_at > :longest_delay
           AND NOT EXISTS (SELECT 1 FROM event_pauses AS pause
                            WHERE pause.account_id = events.account_id AND pause.until >= events.next_attempt_at));
