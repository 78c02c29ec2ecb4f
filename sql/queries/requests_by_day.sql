-- How many requests were sent each day, of the 40,000 that a month has?
-- Days in UTC, the latest first. requests: all, those of runs, workers and checks; of_runs: of the runs that began on the
-- day; records_changed: by them; not_ok: looks at a list that failed or were stopped.
-- Limits: Days before ficsync counted them have the requests of runs alone.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, name
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
parts AS (
    SELECT p.account_id, d.day, d.requests, 0 AS of_runs, 0 AS records_changed, 0 AS not_ok
      FROM p
     CROSS JOIN request_days AS d ON d.account_id = p.account_id
     UNION ALL
    SELECT p.account_id, date(r.started_at), NULL, r.requests, r.inserted + r.updated + r.deleted, r.outcome <> 'ok'
      FROM p
     CROSS JOIN sync_runs AS r ON r.account_id = p.account_id
)
SELECT p.account_id,
       p.name AS account,
       g.day,
       coalesce(max(g.requests), sum(g.of_runs)) AS requests,
       sum(g.of_runs) AS of_runs,
       sum(g.records_changed) AS records_changed,
       sum(g.not_ok) AS not_ok
  FROM p
  JOIN parts AS g ON g.account_id = p.account_id
 GROUP BY p.account_id, p.name, g.day
 ORDER BY p.account_id, g.day DESC;
