-- Writes one row of vat_types. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO vat_types (
    row, account_id, resource, id, written_in, content, synced_at, value, description, notes, ei_type,
    ei_description, e_invoice, editable, is_disabled, is_default, nature, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $num(value), $text(description),
    $text(notes), $text(ei_type), $text(ei_description), $int(e_invoice), $int(editable), $int(is_disabled),
    $int(default),
    CASE WHEN coalesce($num(value), 0) = 0 AND coalesce(trim($text(ei_type)), '') NOT IN ('', '0') THEN 'N' || ltrim(upper(trim($text(ei_type))), 'N') END,
    :raw);
