//! Every resource type, in the order in which they are synced.

use super::tables as t;
use super::{Events, Kind, List, Parts, Resource, Shape, Stamped, Table, TieBreak, Whole};

/// Every mirrored resource type.
pub static ALL: &[Resource] = &[
    entity("clients", "client", "/entities/clients", "entity.clients:r", &["entities.clients"]),
    entity("suppliers", "supplier", "/entities/suppliers", "entity.suppliers:r", &["entities.suppliers"]),
    Resource {
        name: "products",
        singular: "product",
        list: stamped("/products", None, TieBreak::FilterById, "name,code"),
        single: Some("/products"),
        scope: Some("products:r"),
        events: events("products", &["products"], &["products.stock_update"]),
        table: &t::PRODUCTS,
        sign: 0,
    },
    Resource {
        sign: 1,
        ..issued("invoices", "invoice", "issued_documents.invoices:r", &["issued_documents.invoices"], E_INVOICES)
    },
    Resource {
        sign: -1,
        ..issued(
            "credit_notes",
            "credit_note",
            "issued_documents.credit_notes:r",
            &["issued_documents.credit_notes"],
            E_INVOICES,
        )
    },
    issued("quotes", "quote", "issued_documents.quotes:r", &["issued_documents.quotes"], &[]),
    issued("proformas", "proforma", "issued_documents.proformas:r", &["issued_documents.proformas"], &[]),
    // The documents called ricevute. What the service calls receipts at /receipts are the corrispettivi.
    Resource {
        singular: "issued_receipt",
        ..issued("issued_receipts", "receipt", "issued_documents.receipts:r", &["issued_documents.receipts"], &[])
    },
    issued(
        "delivery_notes",
        "delivery_note",
        "issued_documents.delivery_notes:r",
        &["issued_documents.delivery_notes"],
        &[],
    ),
    issued("orders", "order", "issued_documents.orders:r", &["issued_documents.orders"], &[]),
    issued("work_reports", "work_report", "issued_documents.work_reports:r", &["issued_documents.work_reports"], &[]),
    issued(
        "supplier_orders",
        "supplier_order",
        "issued_documents.supplier_orders:r",
        &["issued_documents.supplier_orders"],
        &[],
    ),
    // The documentation has self_invoices in the events of both kinds.
    issued(
        "self_own_invoices",
        "self_own_invoice",
        "issued_documents.self_invoices:r",
        &["issued_documents.self_own_invoices", "issued_documents.self_invoices"],
        E_INVOICES,
    ),
    issued(
        "self_supplier_invoices",
        "self_supplier_invoice",
        "issued_documents.self_invoices:r",
        &["issued_documents.self_supplier_invoices", "issued_documents.self_invoices"],
        E_INVOICES,
    ),
    Resource { sign: 1, ..received("expenses", "expense") },
    Resource { sign: -1, ..received("passive_credit_notes", "passive_credit_note") },
    received("passive_delivery_notes", "passive_delivery_note"),
    Resource { singular: "received_self_invoice", ..received("received_self_invoices", "self_invoice") },
    Resource {
        name: "receipts",
        singular: "receipt",
        list: stamped("/receipts", None, TieBreak::Reread, "date,rc_center"),
        single: Some("/receipts"),
        scope: Some("receipts:r"),
        events: events("receipts", &["receipts"], &[]),
        table: &t::RECEIPTS,
        sign: 1,
    },
    Resource {
        name: "pending_documents",
        singular: "pending_document",
        list: whole(
            "/received_documents/pending",
            6,
            Parts::PagesOf { parameter: "type", values: &["agyo", "mail", "browser"], column: "source" },
        ),
        single: Some("/received_documents/pending"),
        scope: Some("received_documents:r"),
        // Its ids are those of pending documents; of one that was registered meanwhile it may be the document's.
        events: Events {
            or_else: Some("expenses"),
            ..events("received_documents", &[], &["received_documents.e_invoices.receive"])
        },
        table: &t::PENDING_DOCUMENTS,
        sign: 0,
    },
    Resource {
        name: "taxes",
        singular: "tax",
        list: whole("/taxes", 6, Parts::Pages(Some("due_date,description"))),
        single: Some("/taxes"),
        scope: Some("taxes:r"),
        events: events("taxes", &["taxes"], &[]),
        table: &t::TAXES,
        sign: 0,
    },
    Resource {
        name: "archive_documents",
        singular: "archive_document",
        list: whole("/archive", 24, Parts::Pages(Some("date,description"))),
        single: Some("/archive"),
        scope: Some("archive:r"),
        events: events("archive", &["archive_documents"], &[]),
        table: &t::ARCHIVE_DOCUMENTS,
        sign: 0,
    },
    Resource {
        name: "cashbook_entries",
        singular: "cashbook_entry",
        list: whole("/cashbook", 6, Parts::Years),
        single: Some("/cashbook"),
        scope: Some("cashbook:r"),
        events: events("cashbook", &["cashbook"], &[]),
        table: &t::CASHBOOK_ENTRIES,
        sign: 0,
    },
    Resource {
        name: "emails",
        singular: "email",
        list: whole("/emails", 24, Parts::Pages(None)),
        single: None,
        // The scope exists, and the description does not name it at this path: a refusal tells.
        scope: Some("emails:r"),
        events: events("issued_documents", &[], &["email_sent"]),
        table: &t::EMAILS,
        sign: 0,
    },
    reference("price_lists", "price_list", "/price_lists", Parts::Answer(Shape::Records), &t::PRICE_LISTS),
    reference(
        "price_list_items",
        "price_list_item",
        "/price_lists",
        Parts::OfEach { parent: "price_lists", below: "/items", column: "price_list_id", shape: Shape::ByProduct },
        &t::PRICE_LIST_ITEMS,
    ),
    Resource {
        scope: Some("settings:r"),
        ..reference("vat_types", "vat_type", "/info/vat_types", Parts::DetailedAnswer, &t::VAT_TYPES)
    },
    reference("payment_methods", "payment_method", "/info/payment_methods", Parts::DetailedAnswer, &t::PAYMENT_METHODS),
    reference(
        "payment_accounts",
        "payment_account",
        "/info/payment_accounts",
        Parts::DetailedAnswer,
        &t::PAYMENT_ACCOUNTS,
    ),
    reference("revenue_centers", "revenue_center", "/info/revenue_centers", Parts::Answer(Shape::Texts), &t::NAMES),
    reference("cost_centers", "cost_center", "/info/cost_centers", Parts::Answer(Shape::Texts), &t::NAMES),
    reference(
        "product_categories",
        "product_category",
        "/info/product_categories",
        Parts::AnswerOf {
            parameter: "context",
            values: &["products", "issued_documents", "received_documents"],
            column: "context",
            shape: Shape::Texts,
        },
        &t::NAMES,
    ),
    reference(
        "received_document_categories",
        "received_document_category",
        "/info/received_document_categories",
        Parts::Answer(Shape::Texts),
        &t::NAMES,
    ),
    reference(
        "archive_categories",
        "archive_category",
        "/info/archive_categories",
        Parts::Answer(Shape::Texts),
        &t::NAMES,
    ),
    reference("companies", "company", "/company/info", Parts::Company, &t::COMPANIES),
    reference(
        "numerations",
        "numeration",
        "/issued_documents/info",
        Parts::AnswerOf {
            parameter: "type",
            values: &[
                "invoice",
                "credit_note",
                "quote",
                "proforma",
                "receipt",
                "delivery_note",
                "order",
                "work_report",
                "supplier_order",
                "self_own_invoice",
                "self_supplier_invoice",
            ],
            column: "document_resource",
            shape: Shape::Numerations,
        },
        &t::NUMERATIONS,
    ),
];

/// An e-invoice went a step further: the document's `ei_status`.
const E_INVOICES: &[&str] = &["issued_documents.e_invoices.status_update"];
/// No event tells of it.
const SILENT: Events = Events { group: None, kinds: &[], others: &[], or_else: None };

const fn events(group: &'static str, kinds: &'static [&'static str], others: &'static [&'static str]) -> Events {
    Events { group: Some(group), kinds, others, or_else: None }
}

const fn stamped(
    path: &'static str,
    document_type: Option<&'static str>,
    tie_break: TieBreak,
    steady_sort: &'static str,
) -> List {
    List { path, document_type, kind: Kind::Stamped(Stamped { tie_break, steady_sort }) }
}

const fn whole(path: &'static str, every_hours: i64, parts: Parts) -> List {
    List { path, document_type: None, kind: Kind::Whole(Whole { parts, every_hours }) }
}

const fn entity(
    name: &'static str,
    singular: &'static str,
    path: &'static str,
    scope: &'static str,
    kinds: &'static [&'static str],
) -> Resource {
    Resource {
        name,
        singular,
        list: stamped(path, None, TieBreak::FilterById, "name,code"),
        single: Some(path),
        scope: Some(scope),
        events: events("entity", kinds, &[]),
        table: &t::ENTITIES,
        sign: 0,
    }
}

const fn issued(
    name: &'static str,
    document_type: &'static str,
    scope: &'static str,
    kinds: &'static [&'static str],
    others: &'static [&'static str],
) -> Resource {
    Resource {
        name,
        singular: document_type,
        list: stamped("/issued_documents", Some(document_type), TieBreak::SortById, "date,id"),
        single: Some("/issued_documents"),
        scope: Some(scope),
        events: events("issued_documents", kinds, others),
        table: &t::DOCUMENTS,
        sign: 0,
    }
}

const fn received(name: &'static str, document_type: &'static str) -> Resource {
    Resource {
        name,
        singular: document_type,
        list: stamped("/received_documents", Some(document_type), TieBreak::FilterById, "date,id"),
        single: Some("/received_documents"),
        scope: Some("received_documents:r"),
        events: events("received_documents", &["received_documents"], &[]),
        table: &t::RECEIVED_DOCUMENTS,
        sign: 0,
    }
}

const A_WEEK: i64 = 7 * 24;

const fn reference(
    name: &'static str,
    singular: &'static str,
    path: &'static str,
    parts: Parts,
    table: &'static Table,
) -> Resource {
    Resource {
        name,
        singular,
        list: whole(path, A_WEEK, parts),
        single: None,
        scope: None,
        events: SILENT,
        table,
        sign: 0,
    }
}
