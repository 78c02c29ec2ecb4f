-- Throws away some events that were finished before a time.
DELETE FROM events
 WHERE id IN (SELECT id FROM events
               WHERE status IN ('done', 'ignored') AND processed_at < :before
               ORDER BY processed_at LIMIT :most);
