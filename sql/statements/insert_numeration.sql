-- Writes one row of numerations. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO numerations (
    row, account_id, resource, id, written_in, content, synced_at, document_resource, year, numeration, next_number,
    raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(resource), $int(year),
    $text(numeration), $int(next_number), :raw);
