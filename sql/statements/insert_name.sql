-- Writes one row of names. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO names (
    row, account_id, resource, id, written_in, content, synced_at, list, context, name, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(list), $text(context), $text(name),
    :raw);
