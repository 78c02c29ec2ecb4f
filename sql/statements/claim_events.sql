-- Leases the due events of one lane: the lane whose event is due for longest, where no other worker is at work. After a
-- pause of all of an account one lane finds out whether it is over, before the others follow.
UPDATE events
   SET status = 'processing', attempts = attempts + 1, next_attempt_at = NULL,
       leased_by = :holder, leased_until = :leased_until
 WHERE id IN (
    SELECT mine.id
      FROM (SELECT account_id, lane
              FROM events AS due
             WHERE status = 'pending' AND next_attempt_at <= :now AND id <= :up_to
               AND NOT EXISTS (SELECT 1 FROM events AS busy
                                WHERE busy.status = 'processing'
                                  AND busy.account_id = due.account_id
                                  AND (busy.lane = due.lane
                                       OR EXISTS (SELECT 1 FROM event_pauses AS pause
                                                   WHERE pause.account_id = due.account_id AND pause.prefix = '')))
               AND NOT EXISTS (SELECT 1 FROM event_pauses AS pause
                                WHERE pause.account_id = due.account_id AND pause.until > :now
                                  AND substr(due.type, 1, length(pause.prefix)) = pause.prefix)
             ORDER BY next_attempt_at, id
             LIMIT 1) AS pick
      JOIN events AS mine ON mine.account_id = pick.account_id AND mine.lane = pick.lane
     WHERE mine.status = 'pending' AND mine.next_attempt_at <= :now AND mine.id <= :up_to
       AND NOT EXISTS (SELECT 1 FROM event_pauses AS pause
                        WHERE pause.account_id = mine.account_id AND pause.until > :now
                          AND substr(mine.type, 1, length(pause.prefix)) = pause.prefix)
     ORDER BY mine.id
     LIMIT :most)
RETURNING id, account_id, lane, type, remaining_ids, attempts, retry_at;
