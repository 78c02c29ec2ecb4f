-- How many requests did the runs need each day, of the 40,000 that a month has?
SELECT r.account_id,
       a.name AS account,
       date(r.started_at) AS day,
       count(*) AS resource_runs,
       sum(r.requests) AS requests,
       sum(r.inserted + r.updated + r.deleted) AS records_changed,
       sum(r.outcome <> 'ok') AS not_ok
  FROM sync_runs AS r
  JOIN accounts AS a ON a.id = r.account_id
 GROUP BY r.account_id, day
 ORDER BY day DESC, r.account_id;
