-- Writes one row of archive_documents. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO archive_documents (
    row, account_id, resource, id, written_in, content, synced_at, date, category, description, has_attachment, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(date), $text(category),
    $text(description), $has(attachment_url), :raw);
