-- Writes one row of email_attachment_rows, of the record whose row is :parent.
INSERT INTO email_attachment_rows (
    account_id, parent, position, filename)
VALUES (
    :account_id, :parent, :position, $text(filename));
