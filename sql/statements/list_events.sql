-- The newest events, all or of one status. Those that a pause holds back say so, and until when; one that is over, or
-- that began in the future, holds nothing.
SELECT id, account_id, event_group, event_id, type, occurred_at, received_at, resource_ids, status, attempts,
       max(coalesce(due_at, next_attempt_at), coalesce(
           (SELECT max(until) FROM event_pauses AS pause
             WHERE status = 'pending' AND pause.account_id = events.account_id
               AND pause.until > :now AND coalesce(pause.noted_at, '') <= :now
               AND substr(events.type, 1, length(pause.prefix)) = pause.prefix), '')) AS next_attempt_at,
       coalesce(
           (SELECT pause.reason FROM event_pauses AS pause
             WHERE status = 'pending' AND pause.account_id = events.account_id
               AND pause.until > :now AND coalesce(pause.noted_at, '') <= :now
               AND substr(events.type, 1, length(pause.prefix)) = pause.prefix
             ORDER BY until DESC LIMIT 1), last_error) AS last_error,
       processed_at, reason, lane, remaining_ids, leased_by, leased_until, retry_at, due_at, waits_since
  FROM events
 WHERE (:status IS NULL OR status = :status) AND (:id IS NULL OR id = :id)
 ORDER BY id DESC
 LIMIT :most;
