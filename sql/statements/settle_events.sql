-- Takes record ids that are in the tables now off the events that named them: those of this holder, and those that
-- wait, if they were stored before the request began.
UPDATE events
   SET remaining_ids = (SELECT json_group_array(value) FROM json_each(events.remaining_ids)
                         WHERE value NOT IN (SELECT value FROM json_each(:ids)))
 WHERE id IN (
        SELECT id FROM events
         WHERE status = 'pending' AND account_id = :account_id AND lane = :lane AND id <= :seen
        UNION ALL
        SELECT id FROM events
         WHERE status = 'processing' AND leased_by = :holder
           AND account_id = :account_id AND lane = :lane AND id <= :seen)
   AND EXISTS (SELECT 1 FROM json_each(events.remaining_ids) AS named
                WHERE named.value IN (SELECT value FROM json_each(:ids)));
