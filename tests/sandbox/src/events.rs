//! Names of events: every type that can be subscribed to, and the group types that stand for several. In: a
//! list and a verb, or a type. Out: types. No state.

use crate::resource::{RESOURCES, Resource};

/// Before every type.
pub(crate) const PREFIX: &str = "it.fattureincloud.webhooks.";

const VERBS: [&str; 3] = ["create", "update", "delete"];

/// `….issued_documents.invoices.create`; none where nothing tells of the list.
pub(crate) fn name(resource: &Resource, verb: &str) -> Option<String> {
    resource.event.map(|event| format!("{PREFIX}{event}.{verb}"))
}

/// The whole type of its end.
pub(crate) fn whole(tail: &str) -> String {
    format!("{PREFIX}{tail}")
}

/// The single types that a type stands for: itself, or the members of a group; none when it is unknown.
pub(crate) fn expand(asked: &str) -> Vec<String> {
    let Some(tail) = asked.strip_prefix(PREFIX) else { return Vec::new() };
    if let Some(verb) = tail.strip_prefix("entities.all.") {
        return members("entities.", verb);
    }
    if let Some(verb) = tail.strip_prefix("issued_documents.all.") {
        return members("issued_documents.", verb);
    }
    if is_single(tail) { vec![asked.to_owned()] } else { Vec::new() }
}

fn members(family: &str, verb: &str) -> Vec<String> {
    let known = VERBS.contains(&verb) || (verb == "email_sent" && family == "issued_documents.");
    families()
        .filter(|event| known && event.starts_with(family))
        .map(|event| format!("{PREFIX}{event}.{verb}"))
        .collect()
}

/// Each list's name in events, once: the received documents share one.
fn families() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    RESOURCES
        .iter()
        .filter_map(|resource| resource.event)
        .filter(move |event| std::mem::replace(&mut last, event) != *event)
}

fn is_single(tail: &str) -> bool {
    const OTHERS: [&str; 3] =
        ["products.stock_update", "issued_documents.e_invoices.status_update", "received_documents.e_invoices.receive"];
    let Some((family, verb)) = tail.rsplit_once('.') else { return false };
    let mails = verb == "email_sent" && family.starts_with("issued_documents.");
    OTHERS.contains(&tail) || (families().any(|event| event == family) && (VERBS.contains(&verb) || mails))
}

/// The scope whose reading part a subscription to a type needs, where the type belongs to a list.
pub(crate) fn scope(single: &str) -> Option<&'static str> {
    let (family, _) = single.strip_prefix(PREFIX)?.rsplit_once('.')?;
    let family = if family == "received_documents.e_invoices" { "received_documents" } else { family };
    RESOURCES.iter().find(|resource| resource.event == Some(family)).and_then(|resource| resource.scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_for_their_members() {
        let expanded = |tail: &str| expand(&format!("{PREFIX}{tail}")).len();
        assert_eq!(expanded("entities.all.update"), 2);
        assert_eq!(expanded("issued_documents.all.update"), 11);
        assert_eq!(expanded("issued_documents.all.email_sent"), 11);
        assert_eq!(expanded("received_documents.delete"), 1);
        assert_eq!(expanded("products.stock_update"), 1);
        for unknown in ["entities.create", "entities.all.email_sent", "issued_documents.all", "quotes.create", ""] {
            assert_eq!(expanded(unknown), 0, "{unknown}");
        }
        assert_eq!(expand("issued_documents.all.update").len(), 0);
    }

    #[test]
    fn types_know_their_scope() {
        assert_eq!(scope("it.fattureincloud.webhooks.entities.clients.create"), Some("entity.clients"));
        assert_eq!(scope("it.fattureincloud.webhooks.cashbook.create"), Some("cashbook"));
        let receive = "it.fattureincloud.webhooks.received_documents.e_invoices.receive";
        assert_eq!(scope(receive), Some("received_documents"));
    }
}
