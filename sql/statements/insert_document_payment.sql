-- Writes one row of document_payments, of the record whose row is :parent.
INSERT INTO document_payments (
    account_id, parent, position, id, amount, due_date, paid_date, status, payment_account_id, payment_account_name,
    terms_days, terms_type, sign, state, amount_eur, due_on, paid_on, share)
VALUES (
    :account_id, :parent, :position, $int(id), $num(amount), $text(due_date), $text(paid_date), $text(status),
    $int(payment_account.id), $text(payment_account.name), $int(payment_terms.days), $text(payment_terms.type),
    :sign, :state, :amount_eur, :due_on, :paid_on, :share);
