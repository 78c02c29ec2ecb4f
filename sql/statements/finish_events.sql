-- Events of which nothing remains are done; an event of one record that is not mirrored is ignored.
UPDATE events
   SET status = iif(:reason IS NOT NULL AND json_array_length(resource_ids) <= 1, 'ignored', 'done'),
       reason = iif(:reason IS NOT NULL AND json_array_length(resource_ids) <= 1, :reason, NULL),
       processed_at = :now, next_attempt_at = NULL, leased_by = NULL, leased_until = NULL
 WHERE id IN (
        SELECT id FROM events
         WHERE status = 'pending' AND account_id = :account_id AND lane = :lane AND id <= :seen
        UNION ALL
        SELECT id FROM events
         WHERE status = 'processing' AND leased_by = :holder
           AND account_id = :account_id AND lane = :lane AND id <= :seen)
   AND remaining_ids = '[]'
RETURNING status;
