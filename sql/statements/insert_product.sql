-- Writes one row of products. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO products (
    row, account_id, resource, id, written_in, content, created_at, updated_at, synced_at, name, code, measure,
    description, category, notes, net_price, gross_price, net_cost, stock_initial, stock_current, average_cost,
    average_price, use_gross_price, in_stock, default_vat_id, default_vat_value, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, $text(created_at), $text(updated_at), :synced_at,
    $text(name), $text(code), $text(measure), $text(description), $text(category), $text(notes), $num(net_price),
    $num(gross_price), $num(net_cost), $num(stock_initial), $num(stock_current), $num(average_cost),
    $num(average_price), $int(use_gross_price), $int(in_stock), $int(default_vat.id), $num(default_vat.value), :raw);
