-- The walk met these ids (a JSON array) after all.
DELETE FROM walk_records
 WHERE account_id = ?1 AND resource = ?2 AND kind IN ('missing', 'doubtful')
   AND id IN (SELECT value FROM json_each(?3));
