-- Writes one row of received_items, of the record whose row is :parent.
INSERT INTO received_items (
    account_id, parent, position, id, product_id, code, name, measure, category, net_price, qty, stock, vat_id,
    vat_value, vat_description, deductibility_vat_percentage, net_eur)
VALUES (
    :account_id, :parent, :position, $int(id), $int(product_id), $text(code), $text(name), $text(measure),
    $text(category), $num(net_price), $num(qty), $num(stock), $int(vat.id), $num(vat.value), $text(vat.description),
    $num(deductibility_vat_percentage), :net_eur);
