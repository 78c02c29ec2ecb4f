-- Leases the due events of a lane, those that are due for longest first, unless another worker is at work there. Looks at
-- as many of each kind as are to be leased, and at no others. What a clock that was ahead wrote counts for nothing: a pause
-- that began in the future, and a time that was noted then, or lies too far ahead, before which no try would be an attempt.
WITH RECURSIVE kinds (type) AS (
    SELECT min(type) FROM events WHERE status = 'pending' AND account_id = :account_id AND lane = :lane
    UNION ALL
    SELECT (SELECT min(type) FROM events
             WHERE status = 'pending' AND account_id = :account_id AND lane = :lane AND type > kinds.type)
      FROM kinds WHERE kinds.type IS NOT NULL
)
UPDATE events
   SET status = 'processing', attempts = attempts + 1, next_attempt_at = NULL, due_at = NULL,
       retry_at = iif(retry_at > :longest_delay OR coalesce(waits_since, received_at) > :now, NULL, retry_at),
       leased_by = :holder, leased_until = :leased_until
 WHERE id IN (
    SELECT due.id
      FROM kinds
      CROSS JOIN events AS due
        ON due.id IN (SELECT id FROM events
                       WHERE status = 'pending' AND account_id = :account_id AND lane = :lane AND type = kinds.type
                         AND coalesce(due_at, next_attempt_at) <= :now AND id <= :up_to
                       ORDER BY coalesce(due_at, next_attempt_at) LIMIT :most)
     WHERE NOT EXISTS (SELECT 1 FROM event_pauses AS pause
                        WHERE pause.account_id = :account_id
                          AND pause.until > :now AND coalesce(pause.noted_at, '') <= :now
                          AND substr(kinds.type, 1, length(pause.prefix)) = pause.prefix)
       AND NOT EXISTS (SELECT 1 FROM events AS busy
                        WHERE busy.status = 'processing' AND busy.account_id = :account_id AND busy.lane = :lane)
       AND NOT (EXISTS (SELECT 1 FROM event_pauses AS pause
                         WHERE pause.account_id = :account_id AND pause.prefix = '')
                AND EXISTS (SELECT 1 FROM events AS busy
                             WHERE busy.status = 'processing' AND busy.account_id = :account_id))
     ORDER BY coalesce(due.due_at, due.next_attempt_at), due.id
     LIMIT :most)
RETURNING id, type, remaining_ids, attempts, retry_at;
