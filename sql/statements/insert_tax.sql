-- Writes one row of taxes. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO taxes (
    row, account_id, resource, id, written_in, content, synced_at, due_date, status, description, amount,
    payment_account_id, payment_account_name, has_attachment, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(due_date), $text(status),
    $text(description), $num(amount), $int(payment_account.id), $text(payment_account.name), $has(attachment_url),
    :raw);
