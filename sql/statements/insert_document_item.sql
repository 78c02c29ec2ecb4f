-- Writes one row of document_items, of the record whose row is :parent.
INSERT INTO document_items (
    account_id, parent, position, id, product_id, code, name, description, category, qty, measure, net_price,
    gross_price, discount, vat_id, vat_value, vat_description, not_taxable, apply_withholding_taxes, in_dn, stock,
    net_eur)
VALUES (
    :account_id, :parent, :position, $int(id), $int(product_id), $text(code), $text(name), $text(description),
    $text(category), $num(qty), $text(measure), $num(net_price), $num(gross_price), $num(discount), $int(vat.id),
    $num(vat.value), $text(vat.description), $int(not_taxable), $int(apply_withholding_taxes), $int(in_dn),
    $int(stock), :net_eur);
