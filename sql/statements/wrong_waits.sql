-- Events whose wait a clock that was ahead wrote: it began in the future, or is longer than any delay or pause.
SELECT id
  FROM events
 WHERE status = 'pending'
   AND (coalesce(waits_since, received_at) > :now
        OR retry_at > :longest_delay
        OR next_attempt_at > :longest_delay
           AND NOT EXISTS (SELECT 1 FROM event_pauses AS pause
                            WHERE pause.account_id = events.account_id AND pause.until >= events.next_attempt_at));
