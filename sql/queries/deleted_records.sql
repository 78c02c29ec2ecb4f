-- What was deleted at the service during the last month, and what was it?
-- `deleted_at` is when ficsync found it; a record that came back since is marked.
SELECT d.account_id,
       d.resource,
       d.id,
       d.deleted_at,
       coalesce(d.raw ->> '$.name', d.raw ->> '$.entity.name') AS name,
       d.raw ->> '$.number' AS number,
       d.raw ->> '$.date' AS date,
       d.raw ->> '$.amount_gross' AS gross,
       EXISTS (SELECT 1 FROM entities AS e
                WHERE e.account_id = d.account_id AND e.resource = d.resource AND e.id = d.id)
       OR EXISTS (SELECT 1 FROM documents AS o
                   WHERE o.account_id = d.account_id AND o.resource = d.resource AND o.id = d.id) AS came_back
  FROM deleted_records AS d
 WHERE d.deleted_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 month')
 ORDER BY d.deleted_at DESC, d.resource, d.id;
