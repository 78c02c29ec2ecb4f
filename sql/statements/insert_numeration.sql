-- Writes one row of numeration_rows. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO numeration_rows (
    row, account_id, resource, id, written_in, content, synced_at, document_resource, year, numeration, next_number,
    raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(resource), $int(year),
    $text(numeration), $int(next_number), :raw);
