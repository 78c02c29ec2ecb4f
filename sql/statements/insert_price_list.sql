-- Writes one row of price_lists. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO price_lists (
    row, account_id, resource, id, written_in, content, synced_at, name, prices_type, type, valid_from, valid_to,
    is_default, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(name), $text(prices_type),
    $text(type), $text(valid_from), $text(valid_to), $int(is_default), :raw);
