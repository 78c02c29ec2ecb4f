//! Which fields filters and sorts may name, by the vendor's documentation ("Filter results", "Sort results"), and which
//! fields lists show. In: a kind. Out: names of fields. What no page names is refused; emails have no documented field.

use crate::resource::Kind;

/// Sorted and filtered by alike; filters know `id` besides.
const ENTITY: &[&str] = &[
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
    "e_invoice",
    "ei_code",
    "created_at",
    "updated_at",
];
const PRODUCT: &[&str] = &[
    "name",
    "code",
    "net_price",
    "gross_price",
    "net_cost",
    "description",
    "category",
    "notes",
    "in_stock",
    "created_at",
    "updated_at",
];
const ISSUED: &[&str] = &[
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
const RECEIVED: &[&str] = &[
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
const RECEIPT: &[&str] = &["date", "rc_center", "created_at", "updated_at"];
const TAX: &[&str] = &["due_date", "status", "amount", "description"];
const ARCHIVE: &[&str] = &["date", "category", "description"];
/// No page names one; an integrator sorts and filters by it.
const PENDING: &[&str] = &["date"];

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

impl Kind {
    /// Fields that filters and sorts may both name.
    fn both(self) -> &'static [&'static str] {
        match self {
            Kind::Client | Kind::Supplier => ENTITY,
            Kind::Product => PRODUCT,
            Kind::Issued => ISSUED,
            Kind::Received => RECEIVED,
            Kind::Receipt => RECEIPT,
            Kind::Tax => TAX,
            Kind::Archive => ARCHIVE,
            Kind::Pending => PENDING,
            _ => &[],
        }
    }

    /// Fields that only `q` may name.
    fn only_filters(self) -> &'static [&'static str] {
        match self {
            Kind::Client | Kind::Supplier | Kind::Product => &["id"],
            Kind::Issued => &["type", "any_subject"],
            Kind::Received => &["type", "description", "invoice_number"],
            Kind::Receipt => &["type", "description"],
            _ => &[],
        }
    }

    /// Fields that only `sort` may name. `id` of documents is told by the maintainers alone.
    fn only_sorts(self) -> &'static [&'static str] {
        if self == Kind::Issued { &["id"] } else { &[] }
    }

    /// Fields that parameters of their own choose by.
    fn chosen_by(self) -> &'static [&'static str] {
        match self {
            Kind::Pending => &["type"],
            Kind::Cashbook => &["date", "type", "payment_account_in.id", "payment_account_out.id"],
            Kind::Name => &["context"],
            _ => &[],
        }
    }

    /// May `q` name the field?
    pub(crate) fn filters(self, field: &str) -> bool {
        self.both().contains(&field) || self.only_filters().contains(&field)
    }

    /// May `sort` name the field?
    pub(crate) fn sorts(self, field: &str) -> bool {
        self.both().contains(&field) || self.only_sorts().contains(&field)
    }

    /// Every field whose values are kept for comparing, each once, in a fixed order.
    pub(crate) fn keys(self) -> impl Iterator<Item = &'static str> {
        [self.both(), self.only_filters(), self.only_sorts(), self.chosen_by()].into_iter().flatten().copied()
    }

    /// Documents show less in lists without `fieldset=detailed`, these fields only; others show all but a few.
    pub(crate) fn shows_in_basic(self, field: &str) -> bool {
        match self {
            Kind::Client | Kind::Supplier => {
                !field.starts_with("default_") && !field.starts_with("bank_") && !field.starts_with("intent_")
            }
            Kind::Product => !matches!(field, "created_at" | "updated_at" | "average_cost" | "average_price"),
            Kind::Issued => ISSUED_BASIC.contains(&field),
            Kind::PaymentMethod => matches!(field, "id" | "name" | "is_default" | "default_payment_account"),
            Kind::PaymentAccount => field != "cuc",
            _ => true,
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
