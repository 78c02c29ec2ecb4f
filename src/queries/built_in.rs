//! The queries that come with ficsync: the files of `sql/queries`, by name. A test holds the list against the folder.

macro_rules! queries {
    ($($name:literal,)*) => {
        /// Name and text of each.
        pub(super) const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../sql/queries/", $name, ".sql")))),*];
    };
}

queries! {
    "cash_by_month",
    "changes_of_the_week",
    "client_statement",
    "clients_lost",
    "clients_unreachable_by_sdi",
    "clients_without_tax_number",
    "days_to_pay",
    "deleted_records",
    "documents_not_invoiced",
    "dso",
    "due_dates_by_week",
    "duplicates_by_vat_number",
    "e_invoices_in_trouble",
    "emails_unread",
    "export_plafond",
    "forfettario_threshold",
    "intent_declarations",
    "movements_by_account",
    "numbering_duplicates",
    "numbering_gaps",
    "numbering_out_of_order",
    "orphans",
    "payables_aging",
    "pending_documents",
    "product_margin",
    "quotes_conversion",
    "receivables_aging",
    "receivables_by_due_date",
    "recurring_clients",
    "requests_by_day",
    "result_by_center",
    "reverse_charge_to_integrate",
    "spend_by_category",
    "stamp_duty_by_quarter",
    "stamp_duty_missing",
    "suppliers_by_spend",
    "taxes_due",
    "turnover_by_client",
    "turnover_by_month",
    "turnover_by_product",
    "vat_by_rate",
    "vat_register_purchases",
    "vat_register_sales",
    "vat_settlement",
    "withholding_by_client",
    "withholding_to_pay",
}
