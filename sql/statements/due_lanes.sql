-- After kinds_that_wait.sql: the lanes that have events which wait and may be begun, the one whose event is due for longest
-- first, and whether it is free: no other worker is at work there. After a pause of all of an account one lane finds out
-- whether it is over, before the others follow. A pause that began in the future holds nothing: a clock that was ahead
-- wrote it.
SELECT due.account_id, due.lane,
       NOT EXISTS (SELECT 1 FROM events AS busy
                    WHERE busy.status = 'processing' AND busy.account_id = due.account_id AND busy.lane = due.lane)
       AND NOT (EXISTS (SELECT 1 FROM event_pauses AS pause
                         WHERE pause.account_id = due.account_id AND pause.prefix = '')
                AND EXISTS (SELECT 1 FROM events AS busy
                             WHERE busy.status = 'processing' AND busy.account_id = due.account_id)) AS free
  FROM kinds
  CROSS JOIN events AS due
    ON due.id = (SELECT id FROM events
                  WHERE status = 'pending' AND account_id = kinds.account_id AND lane = kinds.lane AND type = kinds.type
                    AND coalesce(due_at, next_attempt_at) <= :now AND id <= :up_to
                  ORDER BY coalesce(due_at, next_attempt_at) LIMIT 1)
 WHERE NOT EXISTS (SELECT 1 FROM event_pauses AS pause
                    WHERE pause.account_id = kinds.account_id
                      AND pause.until > :now AND coalesce(pause.noted_at, '') <= :now
                      AND substr(kinds.type, 1, length(pause.prefix)) = pause.prefix)
 ORDER BY coalesce(due.due_at, due.next_attempt_at), due.id;
