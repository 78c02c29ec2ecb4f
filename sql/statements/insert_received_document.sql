-- Writes one row of received_documents. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO received_documents (
    row, account_id, resource, id, written_in, content, created_at, updated_at, synced_at, date, category,
    description, rc_center, invoice_number, next_due_date, entity_id, entity_name, entity_vat_number, currency,
    exchange_rate, amount_net, amount_vat, amount_gross, amount_withholding_tax, amount_other_withholding_tax,
    amortization, tax_deductibility, vat_deductibility, is_marked, is_detailed, e_invoice, auto_calculate, locked,
    has_attachment, ei_reception_date, is_from_pending_expenses, payment_status, sign, year, net_eur, vat_eur,
    withholding_eur, other_withholding_eur, deductible_vat_eur, deductible_cost_eur, payments_eur, paid_eur,
    open_eur, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, $text(created_at), $text(updated_at), :synced_at,
    $text(date), $text(category), $text(description), $text(rc_center), $text(invoice_number), $text(next_due_date),
    $int(entity.id), $text(entity.name), $text(entity.vat_number), $text(currency.id), :exchange_rate,
    $num(amount_net), $num(amount_vat), $num(amount_gross), $num(amount_withholding_tax),
    $num(amount_other_withholding_tax), $num(amortization), $num(tax_deductibility), $num(vat_deductibility),
    $int(is_marked), $int(is_detailed), $int(e_invoice), $int(auto_calculate), $int(locked), $has(attachment_url),
    $text(ei_reception_date), $int(is_from_pending_expenses), :payment_status, :sign, :year, :net_eur, :vat_eur,
    :withholding_eur, :other_withholding_eur, :deductible_vat_eur, :deductible_cost_eur, :payments_eur, :paid_eur,
    :open_eur, :raw);
