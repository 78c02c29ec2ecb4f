-- Writes one row of price_list_items. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO price_list_items (
    row, account_id, resource, id, written_in, content, synced_at, price_list_id, product_id, price, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(price_list_id), $int(product_id),
    $num(price), :raw);
