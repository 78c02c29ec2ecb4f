-- Writes one row of receipt_item_rows, of the record whose row is :parent.
INSERT INTO receipt_item_rows (
    account_id, parent, position, id, amount_net, amount_gross, amount_vat, category, vat_id, vat_value)
VALUES (
    :account_id, :parent, :position, $int(id), $num(amount_net), $num(amount_gross),
    round($num(amount_gross) - $num(amount_net), 2), $text(category), $int(vat.id), $num(vat.value));
