-- Rows that a whole walk in plain pages did not meet.
SELECT id
  FROM {table}
 WHERE account_id = ?1 AND resource = ?2
   AND id NOT IN (SELECT id FROM walk_records WHERE account_id = ?1 AND resource = ?2 AND kind = 'seen');
