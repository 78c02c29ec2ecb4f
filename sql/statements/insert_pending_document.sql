-- Writes one row of pending_documents. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO pending_documents (
    row, account_id, resource, id, written_in, content, synced_at, source, document_type, date, emission_date,
    subject, filename, supplier_name, category, cost_center, import_error, currency, exchange_rate, amount_net,
    amount_vat, amount_gross, has_attachment, other_attachments, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(type), $text(document_type),
    $text(date), $text(emssion_date), coalesce($text(subject), $text(description)), $text(filename),
    coalesce($text(supplier_name), $text(entity.name)), $text(category), $text(cost_center), $text(import_error),
    $text(currency.id),
    CASE WHEN coalesce($text(currency.id), 'EUR') <> 'EUR' AND $num(currency.exchange_rate) > 0 THEN $num(currency.exchange_rate) ELSE 1 END,
    $num(amount_net), $num(amount_vat), $num(amount_gross), $has(attachment_url),
    coalesce(json_array_length($json(other_attachments)), 0), :raw);
