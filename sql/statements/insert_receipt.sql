-- Writes one row of receipts. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO receipts (
    row, account_id, resource, id, written_in, content, created_at, updated_at, synced_at, date, numeration, type,
    description, rc_center, number, amount_net, amount_vat, amount_gross, use_gross_prices, payment_account_id,
    payment_account_name, sign, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, $text(created_at), $text(updated_at), :synced_at,
    $text(date), $text(numeration), $text(type), $text(description), $text(rc_center), $num(number),
    $num(amount_net), $num(amount_vat), $num(amount_gross), $int(use_gross_prices), $int(payment_account.id),
    $text(payment_account.name), :sign, :raw);
