//! Reads the query of a list: page, sort, filter, fields. In: decoded parameters. Out: what is asked for, or a refusal
//! of what the vendor's description or documentation does not allow.

use crate::answer::{self, Refusal};
use crate::asked::check_names;
use crate::collection::{Key, SortKey, place};
use crate::filter;
use crate::list::Setting;
use crate::matches::{self, Tester};
use crate::quirks::Quirk;
use crate::resource::{Kind, Resource};
use crate::view::{self, View};

/// What a list request asks for.
pub(crate) struct Ask {
    pub(crate) page: usize,
    pub(crate) per_page: usize,
    pub(crate) sort: Vec<SortKey>,
    pub(crate) filter: Option<Tester>,
    /// Where pending documents came from.
    pub(crate) source: Option<Key>,
    pub(crate) view: View,
}

/// Reads the query of a list in pages.
pub(crate) fn read(
    resource: &'static Resource,
    query: &[(String, String)],
    setting: &Setting<'_>,
) -> Result<Ask, Refusal> {
    check_names(query, |name| known(resource, name))?;
    let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let page = number(given("page"), "page", 1, usize::MAX)?;
    let per_page = number(given("per_page"), "per_page", 5, 100)?;
    let least = |quirk: &Quirk| matches!(quirk, Quirk::PerPageAtLeast(least) if per_page < *least as usize);
    if setting.quirks.iter().any(least) {
        return Err(Refusal::innocent(answer::validation("per_page", "per_page is too small")));
    }
    let cap = setting.quirks.iter().find_map(|quirk| match quirk {
        Quirk::PerPageCap(cap) => Some(*cap as usize),
        _ => None,
    });
    let sort = given("sort").map(|text| sort(resource, text, setting)).transpose()?.unwrap_or_default();
    let filter = given("q").map(|text| filter(resource, text, setting)).transpose()?;
    let view = view::read(resource, query, View::Basic)?;
    let source = if resource.kind == Kind::Pending { Some(source(given("type"))?) } else { None };
    if given("inclusive").is_some_and(|value| !matches!(value, "0" | "1")) {
        return Err(Refusal::invalid("inclusive", "inclusive is neither 0 nor 1"));
    }
    Ok(Ask { source, page, per_page: per_page.min(cap.unwrap_or(per_page)).max(1), sort, filter, view })
}

/// The parameters that the vendor's description has for lists.
fn known(resource: &Resource, name: &str) -> bool {
    match name {
        "fields" | "fieldset" | "sort" | "page" | "per_page" | "q" => true,
        "type" => resource.doc_type.is_some() || resource.kind == Kind::Pending,
        "inclusive" => resource.kind == Kind::Issued,
        _ => false,
    }
}

/// The required `type` of pending documents.
fn source(given: Option<&str>) -> Result<Key, Refusal> {
    match given {
        Some("agyo" | "mail" | "browser") => Ok(Key::Text(given.unwrap_or_default().into())),
        _ => Err(Refusal::invalid("type", format!("type is {given:?}"))),
    }
}

fn number(text: Option<&str>, name: &str, default: usize, max: usize) -> Result<usize, Refusal> {
    let Some(text) = text else { return Ok(default) };
    match text.parse::<usize>() {
        Ok(number) if (1..=max).contains(&number) && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
        _ => Err(Refusal::invalid(name, format!("{name} is {text:?}"))),
    }
}

/// Reads a sort, as far as the documentation knows its fields.
pub(crate) fn sort(resource: &'static Resource, text: &str, setting: &Setting<'_>) -> Result<Vec<SortKey>, Refusal> {
    let kind = resource.kind;
    text.split(',')
        .map(|part| {
            let (field, descending) = part.strip_prefix('-').map_or((part, false), |field| (field, true));
            let refused = setting.quirks.iter().any(
                |quirk| matches!(quirk, Quirk::RefuseSort(list, name) if *list == resource.name && *name == field),
            );
            if refused {
                let what = format!("the field {field} cannot be sorted by");
                return Err(Refusal::innocent(answer::validation("sort", &what)));
            }
            match place(kind, field).filter(|_| kind.sorts(field)) {
                Some(place) => Ok(SortKey { place, descending, nulls_turned: setting.has(&Quirk::NullsTurned) }),
                None => Err(Refusal::invalid("sort", format!("the field {field:?} cannot be sorted by"))),
            }
        })
        .collect()
}

fn filter(resource: &'static Resource, text: &str, setting: &Setting<'_>) -> Result<Tester, Refusal> {
    let wrong = |what: String| Refusal::invalid("q", format!("q={text}: {what}"));
    let tester = matches::compile(resource.kind, &filter::parse(text).map_err(wrong)?).map_err(wrong)?;
    let places = tester.places();
    let refused = setting.quirks.iter().find_map(|quirk| match quirk {
        Quirk::RefuseFilter(list, field) if *list == resource.name => {
            place(resource.kind, field).filter(|place| places.contains(place)).map(|_| *field)
        }
        _ => None,
    });
    match refused {
        Some(field) => {
            let what = format!("the field {field} cannot be filtered by");
            Err(Refusal::innocent(answer::validation("q", &what)))
        }
        None => Ok(tester),
    }
}
