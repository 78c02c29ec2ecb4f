-- After kinds_that_wait.sql: some events whose wait a clock that was ahead wrote: it is longer than any delay, or it began
-- in the future, when the event was put back or, of one that never was, when it came. Looks at no others.
SELECT id
  FROM (SELECT late.id
          FROM kinds
          CROSS JOIN events AS late
            ON late.status = 'pending' AND late.account_id = kinds.account_id AND late.lane = kinds.lane
           AND late.type = kinds.type AND coalesce(late.due_at, late.next_attempt_at) > :longest_delay
        UNION ALL
        SELECT back.id
          FROM events AS back
         WHERE back.status = 'pending' AND back.waits_since > :now
           AND coalesce(back.due_at, back.next_attempt_at) > :now
           AND coalesce(back.due_at, back.next_attempt_at) <= :longest_delay
        UNION ALL
        SELECT young.id
          FROM accounts
          CROSS JOIN events AS young
            ON young.account_id = accounts.id AND young.status = 'pending' AND young.received_at > :now
         WHERE young.waits_since IS NULL
           AND coalesce(young.due_at, young.next_attempt_at) > :now
           AND coalesce(young.due_at, young.next_attempt_at) <= :longest_delay)
 LIMIT :most;
