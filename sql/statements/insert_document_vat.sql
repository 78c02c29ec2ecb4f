-- Writes one row of document_vat, of the record whose row is :parent.
INSERT INTO document_vat (
    account_id, parent, position, vat_id, rate, net_eur, vat_eur)
VALUES (
    :account_id, :parent, :position, :vat_id, :rate, :net_eur, :vat_eur);
