//! Files behind temporary addresses: `/downloads/{company}/{list}/{member}/{id}.pdf?ticket=…`. They need no token, use up
//! no quota and die after a time. In: a request. Out: a file's bytes, or why there are none.

use serde_json::Value;

use crate::answer::{self, Refusal, Reply};
use crate::asked::{unknown, wrong_verb};
use crate::http::Incoming;
use crate::id::Id;
use crate::quirks::Quirk;
use crate::resource::{RESOURCES, Resource};
use crate::state::State;

/// Seconds that an address lives.
const LIFE: i64 = 3600;

/// Answers with a file. A token that comes along is a mistake: addresses lead to other hosts, which must not see it.
pub(crate) fn answer(state: &State, request: &Incoming) -> Result<Reply, Refusal> {
    if request.method != "GET" {
        return Err(wrong_verb(request));
    }
    if request.header("authorization").is_some() {
        let what = "a token was sent to the address of a file";
        return Err(Refusal::mistake(answer::failure(400, "Bad request.", "BAD_REQUEST"), what));
    }
    let (company, resource, member, id) = parts(&request.path).ok_or_else(|| unknown(request))?;
    let ticket = request.query.iter().find(|(name, _)| name == "ticket").map(|(_, ticket)| ticket.as_str());
    if !ticket.is_some_and(|ticket| lives(state, ticket)) {
        return Err(Refusal::innocent(answer::failure(403, "Request has expired.", "EXPIRED")));
    }
    let collection = state.companies.get(&company).and_then(|company| company.collections.get(resource.name));
    let record = collection.and_then(|collection| collection.get(&id)).map(|record| record.value());
    match record.as_ref().and_then(|record| file(record, member)) {
        Some(text) => Ok(Reply { records: 1, ..Reply::new(200, "application/pdf", text) }),
        None => Err(Refusal::innocent(answer::not_found("There is no such file."))),
    }
}

fn parts(path: &str) -> Option<(i64, &'static Resource, &str, Id)> {
    let mut parts = path.strip_prefix("/downloads/")?.split('/');
    let company = parts.next()?.parse().ok()?;
    let list = parts.next()?;
    let resource = RESOURCES.iter().find(|resource| resource.name == list)?;
    let member = parts.next()?;
    let id = parts.next()?.strip_suffix(".pdf")?.parse().ok()?;
    parts.next().is_none().then_some((company, resource, member, Id::Number(id)))
}

/// A ticket says when it was given; `0` is one of [`Quirk::StableUrls`], which lives for ever.
fn lives(state: &State, ticket: &str) -> bool {
    if ticket == "0" {
        return true;
    }
    let life = state.quirks.iter().find_map(|quirk| match quirk {
        Quirk::LinksLive(seconds) => Some(*seconds),
        _ => None,
    });
    let given = ticket.split('-').next().and_then(|hex| i64::from_str_radix(hex, 16).ok());
    given.is_some_and(|given| state.clock.seconds() - given < life.unwrap_or(LIFE))
}

/// What the file of a member holds: it changes when the record does. None where the record has no such file.
pub(crate) fn file(record: &Value, member: &str) -> Option<String> {
    let there = match &record[member] {
        Value::String(_) => true,
        Value::Array(list) => !list.is_empty(),
        _ => false,
    };
    let stamp = record["updated_at"].as_str().or(record["description"].as_str()).unwrap_or_default();
    let text = format!("%PDF-1.4\n% {member} of {}, {stamp}\n%%EOF\n", record["id"]);
    there.then_some(text)
}
