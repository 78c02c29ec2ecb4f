//! From a request to its answer: faults, credentials, scopes, quotas, the right handler, the journal. In: a
//! whole request. Out: a whole answer. Handlers are in the modules it calls.

use std::time::Duration;

use serde_json::json;

use crate::answer::{self, Refusal, Reply, Travel};
use crate::auth::Grant;
use crate::companies;
use crate::faults::Fault;
use crate::http::Incoming;
use crate::journal::Request;
use crate::list::{self, Setting};
use crate::moods::Mood;
use crate::oauth;
use crate::quota::Standing;
use crate::resource::{self, Resource};
use crate::state::State;
use crate::subscriptions::{self, Asked};
use crate::view::{self, Looks, View};

/// Answers a request of the service's API and writes it down.
pub(crate) fn answer(state: &mut State, request: &Incoming) -> Reply {
    let company = company_of(&request.path);
    let mut entry = Request {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        status: 0,
        records: 0,
        company,
        fault: None,
        at: state.clock.now(),
    };
    entry.fault = state.faults.draw(&entry.line());
    let reply = match &entry.fault {
        Some(fault) => mistreat(state, request, &entry, fault),
        None => served(state, request, &entry),
    };
    entry.status = if reply.travel == Travel::Reset { 0 } else { reply.status };
    entry.records = reply.records;
    state.journal.push(entry);
    reply.with("Date", state.clock.http_date())
}

/// The answer that a fault makes of the right one.
fn mistreat(state: &mut State, request: &Incoming, entry: &Request, fault: &Fault) -> Reply {
    let travel = match fault {
        Fault::Status { code, retry_after, body } => return error_status(*code, *retry_after, body.as_deref()),
        Fault::Html502 => {
            let page = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>";
            return Reply::new(502, "text/html", page.to_owned());
        }
        Fault::Reset => Travel::Reset,
        Fault::CutBody => Travel::Cut,
        Fault::Hang(seconds) => Travel::Late(Duration::from_secs(*seconds)),
        Fault::Drip(milliseconds) => Travel::Drip(Duration::from_millis(*milliseconds)),
        _ => Travel::Plain,
    };
    let mut reply = served(state, request, entry);
    reply.travel = travel;
    if *fault == Fault::InvalidJson {
        let half = (0..=reply.body.len() / 2).rev().find(|at| reply.body.is_char_boundary(*at));
        reply.body.truncate(half.unwrap_or_default());
    }
    reply
}

fn error_status(code: u16, retry_after: Option<u32>, body: Option<&str>) -> Reply {
    let reply = match body {
        Some(body) => Reply::text(code, body.to_owned()),
        None => answer::failure(code, "The service is not available.", "SCRIPTED"),
    };
    match retry_after {
        Some(seconds) => reply.with("Retry-After", seconds),
        None => reply,
    }
}

/// The right answer; a mistake of the client is written down.
fn served(state: &mut State, request: &Incoming, entry: &Request) -> Reply {
    match dispatch(state, request, entry) {
        Ok(reply) => reply,
        Err(refusal) => {
            if let Some(what) = refusal.violation {
                state.violations.push(format!("{}: {what}", entry.line()));
            }
            refusal.reply
        }
    }
}

fn company_of(path: &str) -> Option<i64> {
    path.strip_prefix("/c/")?.split('/').next()?.parse().ok()
}

fn dispatch(state: &mut State, request: &Incoming, entry: &Request) -> Result<Reply, Refusal> {
    if let Some(what) = &request.malformed {
        return Err(Refusal::mistake(answer::failure(400, "Bad request.", "BAD_REQUEST"), what.clone()));
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/oauth/authorize") => oauth::authorize(state, request),
        ("POST", "/oauth/token") => oauth::token(state, request),
        (_, path) if path.starts_with("/user/") || path.starts_with("/c/") => guarded(state, request, entry),
        _ => Err(unknown(request)),
    }
}

fn unknown(request: &Incoming) -> Refusal {
    Refusal::mistake(answer::not_found("Not found."), format!("unknown path {}", request.path))
}

fn wrong_verb(request: &Incoming) -> Refusal {
    let reply = answer::failure(405, "Method not allowed.", "METHOD_NOT_ALLOWED");
    Refusal::mistake(reply, format!("{} is not for this path", request.method))
}

/// Credentials, then quotas, then the handler; its answers carry what is left.
fn guarded(state: &mut State, request: &Incoming, entry: &Request) -> Result<Reply, Refusal> {
    let grant = state.auth.who(request.header("authorization"), state.clock.seconds())?;
    let present = state.present();
    let (standing, taken) = state.quota.take(entry.company.unwrap_or(0), grant.app(), present);
    let bare = state.moods.contains(&Mood::NoRateHeaders);
    let dressed = |reply: Reply| if bare { reply } else { dress(reply, standing) };
    if let Err(full) = taken {
        let (message, code) = match full.status {
            429 => ("Too many requests.", "TOO_MANY_REQUESTS"),
            _ => ("You have exceeded the number of requests allowed.", "QUOTA_EXCEEDED"),
        };
        let reply = answer::failure(full.status, message, code).with("Retry-After", full.retry_after);
        return Err(Refusal::innocent(dressed(reply)));
    }
    match company_data(state, request, entry, &grant) {
        Ok(reply) => Ok(dressed(reply)),
        Err(refusal) => Err(Refusal { reply: dressed(refusal.reply), ..refusal }),
    }
}

fn dress(reply: Reply, standing: Standing) -> Reply {
    reply
        .with("RateLimit-HourlyRemaining", standing.hourly_remaining)
        .with("RateLimit-HourlyLimit", standing.hourly_limit)
        .with("RateLimit-MonthlyRemaining", standing.monthly_remaining)
        .with("RateLimit-MonthlyLimit", standing.monthly_limit)
}

fn company_data(state: &mut State, request: &Incoming, entry: &Request, grant: &Grant) -> Result<Reply, Refusal> {
    let get = request.method == "GET";
    match request.path.as_str() {
        "/user/companies" | "/user/info" if !get => return Err(wrong_verb(request)),
        "/user/companies" => {
            return no_query(request).map(|()| Reply::json(200, &companies::list(state, grant)));
        }
        "/user/info" => return no_query(request).map(|()| Reply::json(200, &companies::user())),
        _ => {}
    }
    let rest = request.path.strip_prefix("/c/").and_then(|path| path.split_once('/')).map(|(_, rest)| rest);
    let (Some(id), Some(rest)) = (entry.company, rest) else {
        return Err(unknown(request));
    };
    if !state.companies.contains_key(&id) {
        return Err(Refusal::innocent(answer::not_found("No such company.")));
    }
    if !grant.companies.contains(&id) {
        return Err(Refusal::innocent(answer::no_permission("of this company")));
    }
    if rest == "company/info" {
        return if get { no_query(request).map(|()| info(state, id)) } else { Err(wrong_verb(request)) };
    }
    if let Some(tail) = rest.strip_prefix("subscriptions") {
        no_query(request)?;
        let asked = Asked { request, grant, company: id };
        return subscriptions::answer(state, &asked, tail).unwrap_or_else(|| Err(unknown(request)));
    }
    records(state, request, entry, grant, rest)
}

fn info(state: &State, id: i64) -> Reply {
    match state.companies.get(&id) {
        Some(company) => Reply::json(200, &companies::info(id, company)),
        None => answer::not_found("No such company."),
    }
}

fn no_query(request: &Incoming) -> Result<(), Refusal> {
    match request.query.first() {
        Some((name, _)) => Err(Refusal::invalid(name, format!("unknown parameter {name:?}"))),
        None => Ok(()),
    }
}

/// Lists and single records.
fn records(
    state: &mut State,
    request: &Incoming,
    entry: &Request,
    grant: &Grant,
    rest: &str,
) -> Result<Reply, Refusal> {
    let (path, id) = match rest.rsplit_once('/') {
        Some((path, id)) if resource::at_path(path).next().is_some() => (path, Some(id)),
        _ => (rest, None),
    };
    if resource::at_path(path).next().is_none() {
        return Err(unknown(request));
    }
    if request.method != "GET" {
        return Err(wrong_verb(request));
    }
    match id {
        None => list(state, request, entry, grant, path),
        Some(id) => match id.parse::<i64>() {
            Ok(id) if id > 0 => single(state, request, entry, grant, path, id),
            _ => Err(unknown(request)),
        },
    }
}

fn list(state: &mut State, request: &Incoming, entry: &Request, grant: &Grant, path: &str) -> Result<Reply, Refusal> {
    let resource = wanted(request, path)?;
    need_scope(grant, resource)?;
    let url = format!("https://api-v2.fattureincloud.it{}", request.path);
    let State { companies, moods, dice, .. } = state;
    let shelf = entry.company.and_then(|id| companies.get_mut(&id)?.shelves.get_mut(resource.name));
    let Some(shelf) = shelf else {
        return Err(unknown(request));
    };
    let mut setting = Setting { moods, fault: entry.fault.as_ref(), url: &url, dice };
    list::page(shelf, &request.query, &mut setting)
}

/// The list that path and `type` name.
fn wanted(request: &Incoming, path: &str) -> Result<&'static Resource, Refusal> {
    let given = request.query.iter().find(|(name, _)| name == "type").map(|(_, value)| value.as_str());
    resource::at_path(path)
        .find(|resource| resource.doc_type.is_none() || resource.doc_type == given)
        .ok_or_else(|| Refusal::invalid("type", format!("type is {given:?}")))
}

fn need_scope(grant: &Grant, resource: &Resource) -> Result<(), Refusal> {
    if grant.allows(resource.scope) {
        return Ok(());
    }
    Err(Refusal::innocent(answer::no_permission(&format!("{}:r", resource.scope))))
}

fn single(
    state: &mut State,
    request: &Incoming,
    entry: &Request,
    grant: &Grant,
    path: &str,
    id: i64,
) -> Result<Reply, Refusal> {
    if let Some((name, _)) = request.query.iter().find(|(name, _)| !matches!(name.as_str(), "fields" | "fieldset")) {
        return Err(Refusal::invalid(name, format!("unknown parameter {name:?}")));
    }
    let State { companies, moods, dice, .. } = state;
    let company = entry.company.and_then(|id| companies.get(&id));
    let found = company.and_then(|company| {
        resource::at_path(path)
            .find_map(|resource| company.shelves.get(resource.name)?.get(id).map(|record| (resource, record)))
    });
    if !resource::at_path(path).any(|resource| grant.allows(resource.scope)) {
        return Err(Refusal::innocent(answer::no_permission(path)));
    }
    let Some((resource, record)) = found else {
        return Err(Refusal::innocent(answer::not_found("No record has this id.")));
    };
    need_scope(grant, resource)?;
    let view = view::read(resource, &request.query, View::Whole)?;
    let mut setting = Setting { moods, fault: entry.fault.as_ref(), url: "", dice };
    let bare = moods.contains(&Mood::BareSingles) && path.starts_with("entities/");
    let looks = Looks {
        ticket: list::ticket(&mut setting),
        turn_keys: list::turn_keys(&mut setting),
        nulls: &[],
        without: match entry.fault {
            Some(Fault::NoId) => &["id"],
            _ if bare => &["id", "created_at", "updated_at"],
            _ => &[],
        },
    };
    let mut body = String::from(r#"{"data":"#);
    view::show(record, resource.kind, &view, &looks, &mut body);
    body.push('}');
    Ok(Reply { records: 1, ..Reply::text(200, body) })
}

/// What the sandbox's own front page says, so that a browser shows that it is there.
pub(crate) fn front_page() -> Reply {
    Reply::json(200, &json!({"sandbox": "an imitation of the Fatture in Cloud API, for tests"}))
}
