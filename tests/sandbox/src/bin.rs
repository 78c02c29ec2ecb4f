//! The recycle bin: deleted documents, until it is emptied. Clients and suppliers have none. In: a request with who
//! asks. Out: an answer, or a refusal.

use serde_json::{Value, json};

use crate::answer::{Refusal, Reply};
use crate::asked::{Asked, no_record, unknown};
use crate::collection::Deleted;
use crate::id::Id;
use crate::resource::{self, Kind, Resource};
use crate::state::State;

/// `/bin/issued_documents` and `/bin/received_documents`: documents as lists show them.
pub(crate) fn list(state: &State, asked: &Asked<'_>, family: &str) -> Result<Reply, Refusal> {
    asked.get(&[])?;
    let found = deleted(state, asked, family)?;
    let records: Vec<Value> = found.iter().map(|(resource, deleted)| basic(resource.kind, &deleted.value)).collect();
    Ok(Reply { records: records.len(), ..Reply::json(200, &json!({"data": records})) })
}

/// One deleted document.
pub(crate) fn single(state: &State, asked: &Asked<'_>, family: &str, id: &str) -> Result<Reply, Refusal> {
    asked.get(&[])?;
    let id = id.parse().map(Id::Number).map_err(|_| unknown(asked.request))?;
    let found = deleted(state, asked, family)?.into_iter().find(|(_, deleted)| deleted.id == id);
    let (_, deleted) = found.ok_or_else(no_record)?;
    Ok(Reply { records: 1, ..Reply::json(200, &json!({"data": deleted.value})) })
}

/// What the bin holds of the types that the token may read. The description demands no scope for received documents.
fn deleted<'a>(
    state: &'a State,
    asked: &Asked<'_>,
    family: &str,
) -> Result<Vec<(&'static Resource, &'a Deleted)>, Refusal> {
    if !matches!(family, "issued_documents" | "received_documents") {
        return Err(unknown(asked.request));
    }
    let types = || resource::singles_at(family);
    let allowed = |kind: &Resource| kind.kind == Kind::Received || kind.open_to(asked.grant);
    if !types().any(allowed) {
        asked.need(types().next().and_then(|resource| resource.scope))?;
    }
    let company = state.companies.get(&asked.company).ok_or_else(|| unknown(asked.request))?;
    let of = |kind: &'static Resource| {
        let collection = company.collections.get(kind.name).filter(|_| allowed(kind));
        collection.into_iter().flat_map(move |collection| collection.deleted.iter().map(move |deleted| (kind, deleted)))
    };
    Ok(types().flat_map(of).collect())
}

fn basic(kind: Kind, value: &Value) -> Value {
    let Value::Object(members) = value else { return Value::Null };
    let shown = members.iter().filter(|(member, _)| kind.shows_in_basic(member));
    let without_rows = |(member, value): (&String, &Value)| {
        (member.clone(), if kind.null_in_basic(member) { Value::Null } else { value.clone() })
    };
    Value::Object(shown.map(without_rows).collect())
}
