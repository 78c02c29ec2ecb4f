-- Writes one row of cashbook_entries. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO cashbook_entries (
    row, account_id, resource, id, written_in, content, synced_at, date, description, kind, type, entity_name,
    document_id, document_type, document_path, amount_in, amount_out, payment_account_in_id, payment_account_in_name,
    payment_account_out_id, payment_account_out_name, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(date), $text(description),
    $text(kind), $text(type), $text(entity_name), $int(document.id), $text(document.type), $text(document.path),
    $num(amount_in), $num(amount_out), $int(payment_account_in.id), $text(payment_account_in.name),
    $int(payment_account_out.id), $text(payment_account_out.name), :raw);
