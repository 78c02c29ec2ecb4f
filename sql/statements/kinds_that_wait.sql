-- The kinds of events that wait, by account and lane: begins other statements. Steps from kind to kind by the index, so
-- that it costs the same whatever the number of events of each.
WITH RECURSIVE kinds (account_id, lane, type) AS (
    SELECT account_id, lane, type
      FROM (SELECT account_id, lane, type
              FROM events
             WHERE status = 'pending' AND type IS NOT NULL
             ORDER BY account_id, lane, type LIMIT 1)
    UNION ALL
    SELECT next.account_id, next.lane, next.type
      FROM kinds
      JOIN events AS next
        ON next.id = coalesce(
               (SELECT id FROM events
                 WHERE status = 'pending' AND account_id = kinds.account_id AND lane = kinds.lane AND type > kinds.type
                 ORDER BY type LIMIT 1),
               (SELECT id FROM events
                 WHERE status = 'pending' AND account_id = kinds.account_id AND lane > kinds.lane AND type IS NOT NULL
                 ORDER BY lane, type LIMIT 1),
               (SELECT id FROM events
                 WHERE status = 'pending' AND account_id > kinds.account_id AND type IS NOT NULL
                 ORDER BY account_id, lane, type LIMIT 1))
)
