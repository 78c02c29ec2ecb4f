-- Which e-mails sent through the service has nobody opened?
-- Sent and not known to have been opened, the oldest first. Nothing ties an e-mail to its document but the subject.
-- Limits: Many mail programs hide that a message was read.
-- :days integer = 90 (sent in the last so many days)
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, today, date(today, '-' || coalesce(:days, 90) || ' days') AS since
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       e.id,
       e.sent_date,
       CAST(julianday(p.today) - julianday(substr(e.sent_date, 1, 10)) AS INTEGER) AS days,
       e.to_name,
       e.to_email,
       e.subject,
       e.status,
       coalesce(e.errors_count, 0) AS errors
  FROM p
 CROSS JOIN emails AS e ON e.account_id = p.account_id
 WHERE coalesce(e.recipient_status, 'unknown') NOT IN ('document_opened', 'email_opened')
   AND coalesce(e.sent_date, p.today) >= p.since
 ORDER BY p.account_id, e.sent_date, e.id;
