-- Writes one row of payment_accounts. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO payment_accounts (
    row, account_id, resource, id, written_in, content, synced_at, name, type, iban, sia, cuc, virtual, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(name), $text(type), $text(iban),
    $text(sia), $text(cuc), $int(virtual), :raw);
