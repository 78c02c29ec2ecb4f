-- Writes one row of companies. :row is the row that it has already, or a new one.
INSERT OR REPLACE INTO companies (
    row, account_id, resource, id, written_in, content, synced_at, name, email, type, fic_license_expire,
    fic_plan_name, accountant_id, is_accountant, limit_clients, limit_suppliers, limit_products, limit_documents,
    usage_clients, usage_suppliers, usage_products, usage_documents, company_type, company_subtype, profession,
    regime, rivalsa_name, cassa_name, cassa2_name, default_rivalsa, default_cassa, default_cassa_taxable,
    default_cassa2, default_cassa2_taxable, default_withholding_tax, default_withholding_tax_taxable,
    default_other_withholding_tax, contributions_percentage, profit_coefficient, enasarco, med, enasarco_type,
    default_vat_id, raw)
VALUES (
    :row, :account_id, :resource, :id, :written_in, :content, :synced_at, $text(name), $text(email), $text(type),
    $text(fic_license_expire), $text(fic_plan_name), $int(accountant_id), $int(is_accountant),
    $int(plan_info.limits.clients), $int(plan_info.limits.suppliers), $int(plan_info.limits.products),
    $int(plan_info.limits.documents), $int(usage.clients), $int(usage.suppliers), $int(usage.products),
    $int(usage.documents), $text(tax_profile.company_type), $text(tax_profile.company_subtype),
    $text(tax_profile.profession), $text(tax_profile.regime), $text(tax_profile.rivalsa_name),
    $text(tax_profile.cassa_name), $text(tax_profile.cassa2_name), $num(tax_profile.default_rivalsa),
    $num(tax_profile.default_cassa), $num(tax_profile.default_cassa_taxable), $num(tax_profile.default_cassa2),
    $num(tax_profile.default_cassa2_taxable), $num(tax_profile.default_withholding_tax),
    $num(tax_profile.default_withholding_tax_taxable), $num(tax_profile.default_other_withholding_tax),
    $num(tax_profile.contributions_percentage), $num(tax_profile.profit_coefficient), $int(tax_profile.enasarco),
    $int(tax_profile.med), $text(tax_profile.enasarco_type), $int(tax_profile.default_vat.id), :raw);
