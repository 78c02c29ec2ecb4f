-- Writes one row of payment_methods. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO payment_methods (
    row, account_id, resource, id, written_in, content, synced_at, name, type, bank_iban, bank_name,
    bank_beneficiary, ei_payment_method, is_default, default_payment_account_id, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(name), $text(type), $text(bank_iban),
    $text(bank_name), $text(bank_beneficiary), $text(ei_payment_method), $int(is_default),
    $int(default_payment_account.id), :raw);
