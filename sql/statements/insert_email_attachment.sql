-- Writes one row of email_attachments, of the record whose row is :parent.
INSERT INTO email_attachments (
    account_id, parent, position, filename)
VALUES (
    :account_id, :parent, :position, $text(filename));
