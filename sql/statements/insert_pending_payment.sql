-- Writes one row of pending_payment_rows, of the record whose row is :parent.
INSERT INTO pending_payment_rows (
    account_id, parent, position, amount, due_date, paid_date, status, paid_with_ts_pay, payment_account_id)
VALUES (
    :account_id, :parent, :position, $num(amount), $text(due_date), $text(paid_date), $text(status),
    $int(paid_with_ts_pay), $int(payment_account.id));
