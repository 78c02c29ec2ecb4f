//! The tables of the mirror, with the statements that write them. Their columns stand in `sql/migrations`.

use super::{Child, Rows, Summary, Table};
use crate::money;
use crate::record::{Form, Ids};

pub(super) static ENTITIES: Table = Table {
    name: "entities",
    insert: include_str!("../../sql/statements/insert_entity.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &[] },
    views: &[include_str!("../../sql/views/types/entity.sql")],
    summary: Summary { label: "NULL", name: "name", date: "NULL", amount: "NULL" },
};

pub(super) static DOCUMENTS: Table = Table {
    name: "documents",
    insert: include_str!("../../sql/statements/insert_document.sql"),
    children: &[
        Child {
            table: "document_items",
            insert: include_str!("../../sql/statements/insert_document_item.sql"),
            rows: Rows::List("items_list"),
        },
        Child {
            table: "document_payments",
            insert: include_str!("../../sql/statements/insert_document_payment.sql"),
            rows: Rows::List("payments_list"),
        },
        Child {
            table: "document_vat",
            insert: include_str!("../../sql/statements/insert_document_vat.sql"),
            rows: Rows::WorkedOut("vat"),
        },
    ],
    work_out: Some(&money::ISSUED),
    form: Form { ids: Ids::Numbers, volatile: &["url", "dn_url", "ai_url", "attachment_url"] },
    views: &[
        include_str!("../../sql/views/types/document.sql"),
        include_str!("../../sql/views/types/document_items.sql"),
        include_str!("../../sql/views/types/document_payments.sql"),
        include_str!("../../sql/views/types/document_vat.sql"),
    ],
    summary: Summary { label: "label", name: "entity_name", date: "date", amount: "base_eur + vat_eur" },
};

pub(super) static RECEIVED_DOCUMENTS: Table = Table {
    name: "received_documents",
    insert: include_str!("../../sql/statements/insert_received_document.sql"),
    children: &[
        Child {
            table: "received_items",
            insert: include_str!("../../sql/statements/insert_received_item.sql"),
            rows: Rows::List("items_list"),
        },
        Child {
            table: "received_payments",
            insert: include_str!("../../sql/statements/insert_received_payment.sql"),
            rows: Rows::List("payments_list"),
        },
        Child {
            table: "received_vat",
            insert: include_str!("../../sql/statements/insert_received_vat.sql"),
            rows: Rows::WorkedOut("vat"),
        },
    ],
    work_out: Some(&money::RECEIVED),
    form: Form { ids: Ids::Numbers, volatile: &["attachment_url", "attachment_preview_url"] },
    views: &[
        include_str!("../../sql/views/types/received_document.sql"),
        include_str!("../../sql/views/types/received_items.sql"),
        include_str!("../../sql/views/types/received_payments.sql"),
        include_str!("../../sql/views/types/received_vat.sql"),
    ],
    summary: Summary { label: "invoice_number", name: "entity_name", date: "date", amount: "net_eur + vat_eur" },
};

pub(super) static PENDING_DOCUMENTS: Table = Table {
    name: "pending_documents",
    insert: include_str!("../../sql/statements/insert_pending_document.sql"),
    children: &[Child {
        table: "pending_payment_rows",
        insert: include_str!("../../sql/statements/insert_pending_payment.sql"),
        rows: Rows::List("payments_list"),
    }],
    work_out: None,
    form: Form {
        ids: Ids::Numbers,
        volatile: &["attachment_url", "attachment_preview_url", "other_attachments[].url"],
    },
    views: &[include_str!("../../sql/views/types/pending_payments.sql")],
    summary: Summary { label: "filename", name: "supplier_name", date: "date", amount: "amount_gross / exchange_rate" },
};

pub(super) static PRODUCTS: Table = Table {
    name: "products",
    insert: include_str!("../../sql/statements/insert_product.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &[] },
    views: &[],
    summary: Summary { label: "code", name: "name", date: "NULL", amount: "net_price" },
};

pub(super) static RECEIPTS: Table = Table {
    name: "receipts",
    insert: include_str!("../../sql/statements/insert_receipt.sql"),
    children: &[Child {
        table: "receipt_item_rows",
        insert: include_str!("../../sql/statements/insert_receipt_item.sql"),
        rows: Rows::List("items_list"),
    }],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &[] },
    views: &[include_str!("../../sql/views/types/receipt_items.sql")],
    summary: Summary { label: "number", name: "description", date: "date", amount: "amount_gross" },
};

pub(super) static TAXES: Table = Table {
    name: "taxes",
    insert: include_str!("../../sql/statements/insert_tax.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &["attachment_url"] },
    views: &[],
    summary: Summary { label: "NULL", name: "description", date: "due_date", amount: "amount" },
};

pub(super) static ARCHIVE_DOCUMENTS: Table = Table {
    name: "archive_documents",
    insert: include_str!("../../sql/statements/insert_archive_document.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &["attachment_url"] },
    views: &[],
    summary: Summary { label: "category", name: "description", date: "date", amount: "NULL" },
};

pub(super) static CASHBOOK_ENTRIES: Table = Table {
    name: "cashbook_entries",
    insert: include_str!("../../sql/statements/insert_cashbook_entry.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::TextsOrContent, volatile: &[] },
    views: &[],
    summary: Summary {
        label: "kind",
        name: "coalesce(entity_name, description)",
        date: "date",
        amount: "coalesce(amount_in, 0) - coalesce(amount_out, 0)",
    },
};

pub(super) static EMAILS: Table = Table {
    name: "emails",
    insert: include_str!("../../sql/statements/insert_email.sql"),
    children: &[Child {
        table: "email_attachment_rows",
        insert: include_str!("../../sql/statements/insert_email_attachment.sql"),
        rows: Rows::List("attachments"),
    }],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &["attachments[].url"] },
    views: &[include_str!("../../sql/views/types/email_attachments.sql")],
    summary: Summary { label: "subject", name: "to_email", date: "sent_date", amount: "NULL" },
};

pub(super) static PRICE_LISTS: Table = Table {
    name: "price_lists",
    insert: include_str!("../../sql/statements/insert_price_list.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Texts, volatile: &[] },
    views: &[],
    summary: Summary { label: "NULL", name: "name", date: "valid_from", amount: "NULL" },
};

pub(super) static PRICE_LIST_ITEMS: Table = Table {
    name: "price_list_items",
    insert: include_str!("../../sql/statements/insert_price_list_item.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Texts, volatile: &[] },
    views: &[],
    summary: Summary { label: "product_id", name: "price_list_id", date: "NULL", amount: "price" },
};

pub(super) static VAT_TYPES: Table = Table {
    name: "vat_types",
    insert: include_str!("../../sql/statements/insert_vat_type.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &[] },
    views: &[],
    summary: Summary { label: "value", name: "description", date: "NULL", amount: "NULL" },
};

pub(super) static PAYMENT_METHODS: Table = Table {
    name: "payment_methods",
    insert: include_str!("../../sql/statements/insert_payment_method.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &[] },
    views: &[],
    summary: Summary { label: "NULL", name: "name", date: "NULL", amount: "NULL" },
};

pub(super) static PAYMENT_ACCOUNTS: Table = Table {
    name: "payment_accounts",
    insert: include_str!("../../sql/statements/insert_payment_account.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &[] },
    views: &[],
    summary: Summary { label: "NULL", name: "name", date: "NULL", amount: "NULL" },
};

pub(super) static NAMES: Table = Table {
    name: "names",
    insert: include_str!("../../sql/statements/insert_name.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Texts, volatile: &[] },
    views: &[include_str!("../../sql/views/types/name.sql")],
    summary: Summary { label: "context", name: "name", date: "NULL", amount: "NULL" },
};

pub(super) static COMPANIES: Table = Table {
    name: "companies",
    insert: include_str!("../../sql/statements/insert_company.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Numbers, volatile: &[] },
    views: &[],
    summary: Summary { label: "NULL", name: "name", date: "NULL", amount: "NULL" },
};

pub(super) static NUMERATIONS: Table = Table {
    name: "numeration_rows",
    insert: include_str!("../../sql/statements/insert_numeration.sql"),
    children: &[],
    work_out: None,
    form: Form { ids: Ids::Texts, volatile: &[] },
    views: &[include_str!("../../sql/views/types/numeration.sql")],
    summary: Summary { label: "numeration", name: "document_resource", date: "NULL", amount: "NULL" },
};
