-- After kinds_that_wait.sql: some events that wait for longer than any delay are due. A clock that was ahead wrote that.
UPDATE events
   SET next_attempt_at = :now, due_at = NULL, retry_at = NULL
 WHERE id IN (
    SELECT late.id
      FROM kinds
      CROSS JOIN events AS late
        ON late.status = 'pending' AND late.account_id = kinds.account_id AND late.lane = kinds.lane
       AND late.type = kinds.type AND coalesce(late.due_at, late.next_attempt_at) > :longest_delay
     LIMIT :most);
