-- Writes one row of emails. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO emails (
    row, account_id, resource, id, written_in, content, synced_at, status, sent_date, from_email, from_name,
    to_email, to_name, subject, copy_to, recipient_status, recipient_date, kind, error_log, errors_count, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(status), $text(sent_date),
    $text(from_email), $text(from_name), $text(to_email), $text(to_name), $text(subject), $text(copy_to),
    $text(recipient_status), $text(recipient_date), $text(kind), $text(error_log), $int(errors_count), :raw);
