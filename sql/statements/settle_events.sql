-- Takes record ids that are in the tables now off the events that named them: those of this holder, and those that
-- wait, if they were stored before the request began. Events of which nothing remains are done; an event of one record
-- that is not mirrored is ignored.
WITH rest AS MATERIALIZED (
    SELECT id,
           (SELECT json_group_array(value) FROM json_each(remaining_ids)
             WHERE value NOT IN (SELECT value FROM json_each(:ids))) AS ids
      FROM events
     WHERE id IN (SELECT event_id FROM event_records
                   WHERE account_id = :account_id AND lane = :lane
                     AND record_id IN (SELECT value FROM json_each(:ids))
                     AND event_id <= :seen)
       AND (status = 'pending' OR leased_by = :holder)
)
UPDATE events
   SET remaining_ids = rest.ids,
       status = CASE
           WHEN rest.ids <> '[]' THEN status
           WHEN :reason IS NOT NULL AND json_array_length(resource_ids) <= 1 THEN 'ignored'
           ELSE 'done'
       END,
       reason = iif(rest.ids = '[]' AND json_array_length(resource_ids) <= 1, :reason, reason),
       processed_at = iif(rest.ids = '[]', :now, NULL),
       next_attempt_at = iif(rest.ids = '[]', NULL, next_attempt_at),
       due_at = iif(rest.ids = '[]', NULL, due_at),
       leased_by = iif(rest.ids = '[]', NULL, leased_by),
       leased_until = iif(rest.ids = '[]', NULL, leased_until)
  FROM rest
 WHERE events.id = rest.id
RETURNING status;
