-- Forgets the log's rows from before a time, and all but the latest so many. A row from the future is a wrong clock's: it
-- must not hold up those after it.
DELETE FROM sync_runs
 WHERE id < max(
    coalesce((SELECT id FROM sync_runs WHERE started_at BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1),
             (SELECT id + 1 FROM sync_runs WHERE started_at < ?1 ORDER BY id DESC LIMIT 1), 0),
    coalesce((SELECT max(id) FROM sync_runs) - ?3 + 1, 0));
