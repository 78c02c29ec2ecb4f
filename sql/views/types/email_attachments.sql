-- What was attached to e-mails?
--   SELECT filename FROM email_attachments WHERE email_id = 12345 ORDER BY position;
CREATE VIEW email_attachments AS
SELECT d.account_id, d.id AS email_id, c.position, c.filename
  FROM email_attachment_rows c JOIN emails d ON d.row = c.parent;
