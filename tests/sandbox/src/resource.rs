//! The table of what the service holds: one entry per list, with path, type, scope, event name and the fields
//! that the vendor's documentation allows in filters and sorts. No data, no behaviour.

/// What a record looks like; several lists share a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Client,
    Supplier,
    Product,
    Issued,
    Received,
    Receipt,
    Tax,
    Archive,
}

/// One list of the service.
#[derive(Debug)]
pub(crate) struct Resource {
    /// The name that tests use: `clients`, `invoices`, …
    pub(crate) name: &'static str,
    /// The path below `/c/{company}/`.
    pub(crate) path: &'static str,
    /// The value of the required query parameter `type`, where there is one.
    pub(crate) doc_type: Option<&'static str>,
    /// The scope without `:r` or `:a`.
    pub(crate) scope: &'static str,
    /// The event type between the vendor's prefix and the verb.
    pub(crate) event: &'static str,
    pub(crate) kind: Kind,
}

const fn entry(
    name: &'static str,
    path: &'static str,
    doc_type: Option<&'static str>,
    scope: &'static str,
    event: &'static str,
    kind: Kind,
) -> Resource {
    Resource { name, path, doc_type, scope, event, kind }
}

const fn issued(name: &'static str, doc_type: &'static str, scope: &'static str, event: &'static str) -> Resource {
    entry(name, "issued_documents", Some(doc_type), scope, event, Kind::Issued)
}

const fn received(name: &'static str, doc_type: &'static str) -> Resource {
    entry(name, "received_documents", Some(doc_type), "received_documents", "received_documents", Kind::Received)
}

/// Every list. Receipts issued as documents are `issued_receipts`, because `receipts` are the till's.
pub(crate) static RESOURCES: &[Resource] = &[
    entry("clients", "entities/clients", None, "entity.clients", "entities.clients", Kind::Client),
    entry("suppliers", "entities/suppliers", None, "entity.suppliers", "entities.suppliers", Kind::Supplier),
    entry("products", "products", None, "products", "products", Kind::Product),
    issued("invoices", "invoice", "issued_documents.invoices", "issued_documents.invoices"),
    issued("quotes", "quote", "issued_documents.quotes", "issued_documents.quotes"),
    issued("proformas", "proforma", "issued_documents.proformas", "issued_documents.proformas"),
    issued("issued_receipts", "receipt", "issued_documents.receipts", "issued_documents.receipts"),
    issued("delivery_notes", "delivery_note", "issued_documents.delivery_notes", "issued_documents.delivery_notes"),
    issued("credit_notes", "credit_note", "issued_documents.credit_notes", "issued_documents.credit_notes"),
    issued("orders", "order", "issued_documents.orders", "issued_documents.orders"),
    issued("work_reports", "work_report", "issued_documents.work_reports", "issued_documents.work_reports"),
    issued("supplier_orders", "supplier_order", "issued_documents.supplier_orders", "issued_documents.supplier_orders"),
    issued(
        "self_own_invoices",
        "self_own_invoice",
        "issued_documents.self_invoices",
        "issued_documents.self_own_invoices",
    ),
    issued(
        "self_supplier_invoices",
        "self_supplier_invoice",
        "issued_documents.self_invoices",
        "issued_documents.self_supplier_invoices",
    ),
    received("expenses", "expense"),
    received("passive_credit_notes", "passive_credit_note"),
    received("passive_delivery_notes", "passive_delivery_note"),
    received("self_invoices", "self_invoice"),
    entry("receipts", "receipts", None, "receipts", "receipts", Kind::Receipt),
    entry("taxes", "taxes", None, "taxes", "taxes", Kind::Tax),
    entry("archive", "archive", None, "archive", "archive_documents", Kind::Archive),
];

/// The entry of a name.
///
/// # Panics
/// When a test asks for a list that does not exist: its mistake, to be seen at once.
pub(crate) fn named(name: &str) -> &'static Resource {
    match RESOURCES.iter().find(|resource| resource.name == name) {
        Some(resource) => resource,
        None => panic!("the sandbox has no resource {name:?}"),
    }
}

/// The lists at a path: several where `type` chooses among them.
pub(crate) fn at_path(path: &str) -> impl Iterator<Item = &'static Resource> + '_ {
    RESOURCES.iter().filter(move |resource| resource.path == path)
}

const ENTITY_FILTERS: &[&str] = &[
    "id",
    "code",
    "name",
    "type",
    "vat_number",
    "tax_code",
    "address_street",
    "address_postal_code",
    "address_city",
    "address_province",
    "country",
    "email",
    "certified_email",
    "phone",
    "fax",
    "notes",
    "ei_code",
    "created_at",
    "updated_at",
];
const ENTITY_SORTS: &[&str] = &[
    "code",
    "name",
    "type",
    "vat_number",
    "tax_code",
    "address_street",
    "address_postal_code",
    "address_city",
    "address_province",
    "country",
    "email",
    "certified_email",
    "phone",
    "created_at",
    "updated_at",
];
const PRODUCT_FILTERS: &[&str] =
    &["id", "name", "code", "net_price", "gross_price", "net_cost", "category", "in_stock", "created_at", "updated_at"];
const PRODUCT_SORTS: &[&str] = &["name", "code", "net_price", "gross_price", "category", "created_at", "updated_at"];
const ISSUED_FILTERS: &[&str] = &[
    "type",
    "entity.id",
    "entity.name",
    "entity.vat_number",
    "entity.tax_code",
    "entity.city",
    "entity.province",
    "entity.country",
    "date",
    "number",
    "numeration",
    "amount_net",
    "amount_vat",
    "amount_gross",
    "next_due_date",
    "created_at",
    "updated_at",
];
const ISSUED_SORTS: &[&str] = &[
    "entity.id",
    "entity.name",
    "date",
    "number",
    "numeration",
    "amount_net",
    "amount_vat",
    "amount_gross",
    "next_due_date",
    "created_at",
    "updated_at",
    "id",
];
const RECEIVED_FILTERS: &[&str] = &[
    "id",
    "type",
    "category",
    "description",
    "entity.id",
    "entity.name",
    "date",
    "next_due_date",
    "amount_gross",
    "amount_net",
    "amount_vat",
    "invoice_number",
    "created_at",
    "updated_at",
];
const RECEIVED_SORTS: &[&str] = &[
    "id",
    "category",
    "entity.id",
    "entity.name",
    "date",
    "next_due_date",
    "amount_gross",
    "amount_net",
    "amount_vat",
    "created_at",
    "updated_at",
];
const RECEIPT_FIELDS: &[&str] = &[
    "date",
    "type",
    "description",
    "rc_center",
    "amount_net",
    "amount_vat",
    "amount_gross",
    "created_at",
    "updated_at",
];
const TAX_FIELDS: &[&str] = &["due_date", "status", "amount", "description"];
const ARCHIVE_FIELDS: &[&str] = &["date", "category", "description"];

impl Kind {
    /// Fields that `q` may name.
    pub(crate) fn filters(self) -> &'static [&'static str] {
        match self {
            Kind::Client | Kind::Supplier => ENTITY_FILTERS,
            Kind::Product => PRODUCT_FILTERS,
            Kind::Issued => ISSUED_FILTERS,
            Kind::Received => RECEIVED_FILTERS,
            Kind::Receipt => RECEIPT_FIELDS,
            Kind::Tax => TAX_FIELDS,
            Kind::Archive => ARCHIVE_FIELDS,
        }
    }

    /// Fields that `sort` may name.
    pub(crate) fn sorts(self) -> &'static [&'static str] {
        match self {
            Kind::Client | Kind::Supplier => ENTITY_SORTS,
            Kind::Product => PRODUCT_SORTS,
            Kind::Issued => ISSUED_SORTS,
            Kind::Received => RECEIVED_SORTS,
            Kind::Receipt => RECEIPT_FIELDS,
            Kind::Tax => TAX_FIELDS,
            Kind::Archive => ARCHIVE_FIELDS,
        }
    }

    /// Documents show less in lists without `fieldset=detailed`, these fields only; others show all but a few.
    pub(crate) fn shows_in_basic(self, field: &str) -> bool {
        match self {
            Kind::Client | Kind::Supplier => {
                !field.starts_with("default_") && !field.starts_with("bank_") && !field.starts_with("intent_")
            }
            Kind::Product => !matches!(field, "created_at" | "updated_at" | "average_cost" | "average_price"),
            Kind::Issued => ISSUED_BASIC.contains(&field),
            Kind::Received | Kind::Receipt | Kind::Tax | Kind::Archive => true,
        }
    }

    /// Lists of rows that are null in a list without `fieldset=detailed`.
    pub(crate) fn null_in_basic(self, field: &str) -> bool {
        match self {
            Kind::Issued => matches!(field, "items_list" | "payments_list"),
            Kind::Received => field == "items_list",
            _ => false,
        }
    }
}

const ISSUED_BASIC: &[&str] = &[
    "id",
    "type",
    "numeration",
    "subject",
    "visible_subject",
    "amount_net",
    "amount_vat",
    "amount_gross",
    "amount_due_discount",
    "entity",
    "date",
    "number",
    "next_due_date",
    "url",
    "items_list",
    "payments_list",
];
