//! The table of what the service holds: one entry per type, with its paths, the parameter that chooses it, scope and
//! event name. No data, no behaviour; the fields of filters and sorts are in `fields.rs`.

use crate::auth::Grant;

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
    Pending,
    Email,
    Cashbook,
    PriceList,
    PriceListItem,
    VatType,
    PaymentMethod,
    PaymentAccount,
    Name,
    Company,
    Numeration,
}

impl Kind {
    /// Does its list come in pages? Others come whole.
    pub(crate) fn paged(self) -> bool {
        !matches!(
            self,
            Kind::Cashbook
                | Kind::PriceList
                | Kind::PriceListItem
                | Kind::VatType
                | Kind::PaymentMethod
                | Kind::PaymentAccount
                | Kind::Name
                | Kind::Company
                | Kind::Numeration
        )
    }
}

/// One type of the service's records.
#[derive(Debug)]
pub(crate) struct Resource {
    /// The name that tests use, that of ficsync's tables: `clients`, `invoices`, …
    pub(crate) name: &'static str,
    /// The path of its list below `/c/{company}/`.
    pub(crate) path: &'static str,
    /// The path below which one record is found.
    pub(crate) single: Option<&'static str>,
    /// The value of the required query parameter `type`, where it chooses among several lists.
    pub(crate) doc_type: Option<&'static str>,
    /// The scope without `:r` or `:a`; none where the description demands none.
    pub(crate) scope: Option<&'static str>,
    /// The event type between the vendor's prefix and `create`, `update`, `delete`.
    pub(crate) event: Option<&'static str>,
    pub(crate) kind: Kind,
}

impl Resource {
    /// May a token read it? Delivery notes of suppliers are part of the stock, too.
    pub(crate) fn open_to(&self, grant: &Grant) -> bool {
        let stock = self.doc_type == Some("passive_delivery_note") && grant.allows("stock");
        stock || self.scope.is_none_or(|scope| grant.allows(scope))
    }
}

/// Single records lie below their list, one scope covers both.
const fn entry(
    name: &'static str,
    path: &'static str,
    scope: &'static str,
    event: &'static str,
    kind: Kind,
) -> Resource {
    Resource { name, path, single: Some(path), doc_type: None, scope: Some(scope), event: Some(event), kind }
}

const fn issued(name: &'static str, doc_type: &'static str, scope: &'static str, event: &'static str) -> Resource {
    Resource { doc_type: Some(doc_type), ..entry(name, "issued_documents", scope, event, Kind::Issued) }
}

const fn received(name: &'static str, doc_type: &'static str) -> Resource {
    let plain = entry(name, "received_documents", "received_documents", "received_documents", Kind::Received);
    Resource { doc_type: Some(doc_type), ..plain }
}

/// A list that tells of nothing and demands no scope.
const fn quiet(name: &'static str, path: &'static str, single: Option<&'static str>, kind: Kind) -> Resource {
    Resource { name, path, single, doc_type: None, scope: None, event: None, kind }
}

/// Every type. Receipts issued as documents are `issued_receipts`, because `receipts` are the till's. What has no list
/// of its own (items of price lists, companies, numerations) has the path that it is gathered from.
pub(crate) static RESOURCES: &[Resource] = &[
    entry("clients", "entities/clients", "entity.clients", "entities.clients", Kind::Client),
    entry("suppliers", "entities/suppliers", "entity.suppliers", "entities.suppliers", Kind::Supplier),
    entry("products", "products", "products", "products", Kind::Product),
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
    received("received_self_invoices", "self_invoice"),
    // Only the arrival of one is told, by an event of its own.
    Resource {
        scope: Some("received_documents"),
        ..quiet("pending_documents", "received_documents/pending", Some("received_documents/pending"), Kind::Pending)
    },
    entry("receipts", "receipts", "receipts", "receipts", Kind::Receipt),
    entry("taxes", "taxes", "taxes", "taxes", Kind::Tax),
    entry("archive_documents", "archive", "archive", "archive_documents", Kind::Archive),
    entry("cashbook_entries", "cashbook", "cashbook", "cashbook", Kind::Cashbook),
    quiet("emails", "emails", None, Kind::Email),
    quiet("price_lists", "price_lists", None, Kind::PriceList),
    quiet("price_list_items", "price_lists", None, Kind::PriceListItem),
    Resource {
        scope: Some("settings"),
        ..quiet("vat_types", "info/vat_types", Some("settings/vat_types"), Kind::VatType)
    },
    quiet("payment_methods", "info/payment_methods", Some("settings/payment_methods"), Kind::PaymentMethod),
    quiet("payment_accounts", "info/payment_accounts", Some("settings/payment_accounts"), Kind::PaymentAccount),
    quiet("revenue_centers", "info/revenue_centers", None, Kind::Name),
    quiet("cost_centers", "info/cost_centers", None, Kind::Name),
    quiet("product_categories", "info/product_categories", None, Kind::Name),
    quiet("received_document_categories", "info/received_document_categories", None, Kind::Name),
    quiet("archive_categories", "info/archive_categories", None, Kind::Name),
    quiet("companies", "company/info", None, Kind::Company),
    quiet("numerations", "issued_documents/info", None, Kind::Numeration),
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

/// The lists in pages at a path: several where `type` chooses among them.
pub(crate) fn at_path(path: &str) -> impl Iterator<Item = &'static Resource> + '_ {
    RESOURCES.iter().filter(move |resource| resource.kind.paged() && resource.path == path)
}

/// The list at a path that comes whole.
pub(crate) fn whole_at(path: &str) -> Option<&'static Resource> {
    let gathered = |kind| matches!(kind, Kind::PriceListItem | Kind::Company | Kind::Numeration);
    RESOURCES.iter().find(|found| found.path == path && !found.kind.paged() && !gathered(found.kind))
}

/// The types whose single records lie below a path.
pub(crate) fn singles_at(path: &str) -> impl Iterator<Item = &'static Resource> + '_ {
    RESOURCES.iter().filter(move |resource| resource.single == Some(path))
}

/// The types of issued documents.
pub(crate) fn all_issued() -> impl Iterator<Item = &'static Resource> {
    RESOURCES.iter().filter(|resource| resource.kind == Kind::Issued)
}
