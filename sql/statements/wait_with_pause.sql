-- Lets the events that a pause holds back say so.
UPDATE events
   SET next_attempt_at = :until, waits_since = :now, last_error = :reason
 WHERE status = 'pending' AND account_id = :account_id AND next_attempt_at < :until
   AND substr(type, 1, length(:prefix)) = :prefix;
