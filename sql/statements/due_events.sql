-- Whether there is an event that waits and may be begun, its lane free or not.
SELECT EXISTS (
    SELECT 1
      FROM events AS due
     WHERE status = 'pending' AND next_attempt_at <= :now AND id <= :up_to
       AND NOT EXISTS (SELECT 1 FROM event_pauses AS pause
                        WHERE pause.account_id = due.account_id AND pause.until > :now
                          AND substr(due.type, 1, length(pause.prefix)) = pause.prefix));
