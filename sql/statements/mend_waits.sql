-- Events that need not wait any longer are due.
UPDATE events
   SET next_attempt_at = :now, due_at = NULL, waits_since = :now, retry_at = NULL
 WHERE status = 'pending' AND id IN (SELECT value FROM json_each(:ids));
