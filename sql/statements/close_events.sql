-- Events in work that name no record: there is nothing to fetch for them.
UPDATE events
   SET status = 'ignored', reason = :reason, processed_at = :now, leased_by = NULL, leased_until = NULL
 WHERE id IN (SELECT value FROM json_each(:events)) AND status = 'processing' AND leased_by = :holder;
