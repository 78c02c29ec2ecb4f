//! The part of the handle that is about what happens to records at the service beyond create, update and delete, each
//! with the events that tell of it.

use serde_json::Value;

use crate::Sandbox;
use crate::downloads;
use crate::e_invoice;
use crate::events;
use crate::id::Id;
use crate::resource;

/// What happens at the service.
impl Sandbox {
    /// Registers a pending document: it vanishes, and a received document of its type appears under another id, which
    /// is returned. Told by the creation of that one alone.
    ///
    /// # Panics
    /// When there is no such pending document.
    pub fn register(&self, company: i64, pending: i64) -> i64 {
        let Some(waiting) = self.record(company, "pending_documents", pending) else {
            panic!("the sandbox has no pending document {pending}");
        };
        self.delete(company, "pending_documents", pending);
        let list = match waiting["document_type"].as_str() {
            Some("passive_credit_note") => "passive_credit_notes",
            Some("passive_delivery_note") => "passive_delivery_notes",
            Some("self_invoice") => "received_self_invoices",
            _ => "expenses",
        };
        self.create_with(company, list, |record| {
            for member in ["date", "category", "currency"] {
                record[member] = waiting[member].clone();
            }
            record["description"] = waiting["subject"].clone();
        })
    }

    /// Moves an e-invoice to another state. Told by `issued_documents.e_invoices.status_update` alone.
    ///
    /// # Panics
    /// When there is no such document.
    pub fn set_ei_status(&self, company: i64, resource: &str, id: i64, status: &str) {
        let told = events::whole("issued_documents.e_invoices.status_update");
        self.quietly(company, resource, id, &told, |record| {
            record["ei_status"] = status.into();
            record["e_invoice"] = true.into();
        });
    }

    /// Sets a product's stock. Told by `products.stock_update` alone.
    ///
    /// # Panics
    /// When there is no such product.
    pub fn set_stock(&self, company: i64, product: i64, stock: i64) {
        let told = events::whole("products.stock_update");
        self.quietly(company, "products", product, &told, |record| {
            record["in_stock"] = true.into();
            record["stock_current"] = stock.into();
        });
    }

    fn quietly(&self, company: i64, resource: &str, id: i64, told: &str, adapt: impl FnOnce(&mut Value)) {
        let id = Id::Number(id);
        let mut state = self.core.state();
        assert!(state.update(company, resource, &id, adapt), "the sandbox has no {resource} {id}");
        state.tell(company, told, &[id]);
    }

    /// Sends a document by e-mail: the mail appears in the list `emails`, whose new id is returned, and the document's
    /// `email_sent` tells of it.
    ///
    /// # Panics
    /// When there is no such document.
    pub fn send_email(&self, company: i64, resource: &str, document: i64) -> i64 {
        let Some(record) = self.record(company, resource, document) else {
            panic!("the sandbox has no {resource} {document}");
        };
        let label = format!("{}{}", record["number"], record["numeration"].as_str().unwrap_or_default());
        let mail = self.create_with(company, "emails", |mail| {
            mail["subject"] = format!("Documento n. {label}").into();
            mail["to_email"] = record["entity"]["email"].clone();
            mail["to_name"] = record["entity"]["name"].clone();
        });
        let mut state = self.core.state();
        if let Some(told) = events::name(resource::named(resource), "email_sent") {
            state.tell(company, &told, &[Id::Number(document)]);
        }
        mail
    }

    /// Brings a deleted record back as it was, out of the bin. Told as created.
    ///
    /// # Panics
    /// When there is no such deleted record.
    pub fn restore(&self, company: i64, resource: &str, id: impl Into<Id>) {
        let id = id.into();
        let mut state = self.core.state();
        assert!(state.restore(company, resource, &id), "the sandbox has not deleted {resource} {id}");
        state.announce(company, resource, "create", &[id]);
    }

    /// Empties the recycle bin, and forgets all that was deleted.
    pub fn empty_bin(&self, company: i64) {
        let mut state = self.core.state();
        for resource in resource::RESOURCES {
            state.collection(company, resource.name).deleted.clear();
        }
    }

    /// What the address in a member (`url`, `attachment_url`, …) of a record leads to; none where it has none.
    pub fn file(&self, company: i64, resource: &str, id: i64, member: &str) -> Option<String> {
        downloads::file(&self.record(company, resource, id)?, member)
    }

    /// The XML of an e-invoice, without its attachment; none where the document is none.
    pub fn xml(&self, company: i64, resource: &str, id: i64) -> Option<String> {
        e_invoice::xml(&self.record(company, resource, id)?, false)
    }

    /// Why an e-invoice was not taken, as the service says it; none where it was.
    pub fn error_reason(&self, company: i64, resource: &str, id: i64) -> Option<Value> {
        e_invoice::reason(&self.record(company, resource, id)?)
    }
}
