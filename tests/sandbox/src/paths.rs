//! From a path below `/c/{company}/` to its handler: lists in pages and single records here, the others in modules of
//! their own. In: a request with who asks. Out: an answer, or a refusal.

use crate::answer::{Refusal, Reply};
use crate::asked::{Asked, no_record, unknown, wrong_verb};
use crate::bin;
use crate::companies;
use crate::e_invoice;
use crate::faults::Fault;
use crate::id::Id;
use crate::list::{self, Setting};
use crate::numerations;
use crate::quirks::Quirk;
use crate::resource::{self, Kind, Resource};
use crate::state::{Company, State};
use crate::subscriptions;
use crate::view::{self, Looks, View};
use crate::whole;

/// Answers a request for a company's data.
pub(crate) fn answer(state: &mut State, asked: &Asked<'_>, rest: &str) -> Result<Reply, Refusal> {
    if let Some(tail) = rest.strip_prefix("subscriptions") {
        asked.no_query()?;
        return subscriptions::answer(state, asked, tail).unwrap_or_else(|| Err(unknown(asked.request)));
    }
    let parts: Vec<&str> = rest.split('/').collect();
    match parts.as_slice() {
        ["company", "info"] => companies::info(state, asked),
        ["company", "plan_usage"] => companies::plan_usage(state, asked),
        ["settings", "tax_profile"] => companies::tax_profile(state, asked),
        ["issued_documents", "info"] => numerations::info(state, asked),
        ["issued_documents", id, "e_invoice", what] => e_invoice::answer(state, asked, id, what),
        ["price_lists", id, "items"] => whole::items(state, asked, id),
        ["bin", family] => bin::list(state, asked, family),
        ["bin", family, id] => bin::single(state, asked, family, id),
        _ => records(state, asked, rest),
    }
}

/// Lists and single records.
fn records(state: &mut State, asked: &Asked<'_>, rest: &str) -> Result<Reply, Refusal> {
    if let Some(resource) = resource::whole_at(rest) {
        return whole::list(state, asked, resource);
    }
    if resource::at_path(rest).next().is_some() {
        return paged(state, asked, rest);
    }
    match rest.rsplit_once('/') {
        Some((path, id)) if resource::singles_at(path).next().is_some() => single(state, asked, path, id),
        _ => Err(unknown(asked.request)),
    }
}

fn paged(state: &mut State, asked: &Asked<'_>, path: &str) -> Result<Reply, Refusal> {
    if asked.request.method != "GET" {
        return Err(wrong_verb(asked.request));
    }
    let resource = wanted(asked, path)?;
    asked.need_list(resource, &state.quirks)?;
    let url = format!("https://api-v2.fattureincloud.it{}", asked.request.path);
    let (collection, mut setting) = collection_of(state, asked, resource)?;
    setting.url = &url;
    list::page(collection, &asked.request.query, &mut setting)
}

/// A list of the company, and what lies around its answer.
pub(crate) fn collection_of<'a>(
    state: &'a mut State,
    asked: &'a Asked<'_>,
    resource: &Resource,
) -> Result<(&'a mut crate::collection::Collection, Setting<'a>), Refusal> {
    let now = state.clock.seconds();
    let State { companies, quirks, dice, .. } = state;
    let collection = companies.get_mut(&asked.company).and_then(|company| company.collections.get_mut(resource.name));
    let collection = collection.ok_or_else(|| unknown(asked.request))?;
    Ok((collection, Setting { quirks, fault: asked.fault, url: "", dice, now }))
}

/// The list that path and `type` name.
fn wanted(asked: &Asked<'_>, path: &str) -> Result<&'static Resource, Refusal> {
    let given = asked.given("type");
    resource::at_path(path)
        .find(|resource| resource.doc_type.is_none() || resource.doc_type == given)
        .ok_or_else(|| Refusal::invalid("type", format!("type is {given:?}")))
}

/// An id in a path: digits, or where the list has texts any text.
fn id_in_path(kind: Kind, text: &str) -> Option<Id> {
    let decoded =
        url::form_urlencoded::parse(format!("id={}", text.replace('+', "%2B")).as_bytes()).next()?.1.into_owned();
    match kind {
        Kind::Cashbook => Some(Id::from(decoded)),
        // 22 % has the id 0.
        Kind::VatType => text.parse().ok().filter(|id: &i64| *id >= 0).map(Id::Number),
        _ => text.parse().ok().filter(|id: &i64| *id > 0).map(Id::Number),
    }
}

/// The record of an id, wherever among the types of a path it is.
pub(crate) fn find<'a>(
    company: &'a Company,
    path: &str,
    id: &Id,
) -> Option<(&'static Resource, &'a crate::collection::Record)> {
    resource::singles_at(path)
        .find_map(|resource| company.collections.get(resource.name)?.get(id).map(|record| (resource, record)))
}

fn single(state: &mut State, asked: &Asked<'_>, path: &str, id: &str) -> Result<Reply, Refusal> {
    let mut kinds = resource::singles_at(path).map(|resource| resource.kind);
    let id = kinds.next().and_then(|kind| id_in_path(kind, id)).ok_or_else(|| unknown(asked.request))?;
    // The description has no parameters for one VAT type, and demands no scope for it.
    let vat = path == "settings/vat_types";
    asked.get(if vat { &[] } else { &["fields", "fieldset"] })?;
    let allowed = |resource: &Resource| vat || resource.open_to(asked.grant);
    if !resource::singles_at(path).any(allowed) {
        let scope = resource::singles_at(path).next().and_then(|resource| resource.scope);
        return asked.need(scope).and(Err(no_record()));
    }
    let now = state.clock.seconds();
    let State { companies, quirks, dice, .. } = state;
    let company = companies.get(&asked.company).ok_or_else(|| unknown(asked.request))?;
    let (resource, record) = find(company, path, &id).ok_or_else(no_record)?;
    if !vat {
        asked.need_list(resource, quirks)?;
    }
    let view = view::read(resource, &asked.request.query, View::Whole)?;
    let mut setting = Setting { quirks, fault: asked.fault, url: "", dice, now };
    let looks = looks(resource, &mut setting);
    let mut body = String::new();
    view::show(record, resource.kind, &view, &looks, &mut body);
    Ok(Reply::data(&body, 1))
}

/// How a single record looks.
fn looks(resource: &Resource, setting: &mut Setting<'_>) -> Looks {
    let entity = matches!(resource.kind, Kind::Client | Kind::Supplier);
    Looks {
        ticket: list::ticket(setting),
        turn_keys: list::turn_keys(setting),
        nulls: &[],
        without: match setting.fault {
            Some(Fault::NoId) => &["id"],
            _ if entity && setting.has(&Quirk::BareSingles) => &["id", "created_at", "updated_at"],
            _ if setting.has(&Quirk::WithoutId(resource.name)) => &["id"],
            _ => &[],
        },
    }
}
