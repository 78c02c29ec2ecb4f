//! From a request to its answer: faults, credentials, scopes, quotas, the right handler, the journal. In: a
//! whole request. Out: a whole answer. Handlers are in the modules it calls.

use std::time::Duration;

use serde_json::json;

use crate::answer::{self, Refusal, Reply, Travel};
use crate::asked::{Asked, unknown};
use crate::auth::Grant;
use crate::companies;
use crate::downloads;
use crate::faults::Fault;
use crate::http::Incoming;
use crate::journal::Request;
use crate::oauth;
use crate::paths;
use crate::quirks::Quirk;
use crate::quota::Standing;
use crate::state::State;

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
    if let Fault::Redirect(to) = fault {
        return Reply::new(302, "text/html", String::new()).with("Location", to);
    }
    let mut reply = served(state, request, entry);
    reply.travel = travel;
    if let Fault::Padded(bytes) = fault {
        reply.body.extend(std::iter::repeat_n(' ', bytes.saturating_sub(reply.body.len())));
    }
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
        (_, path) if path.starts_with("/downloads/") => downloads::answer(state, request),
        (_, path) if path.starts_with("/user/") || path.starts_with("/c/") => guarded(state, request, entry),
        _ => Err(unknown(request)),
    }
}

/// Credentials, then quotas, then the handler; its answers carry what is left.
fn guarded(state: &mut State, request: &Incoming, entry: &Request) -> Result<Reply, Refusal> {
    let grant = state.auth.who(request.header("authorization"), state.clock.seconds())?;
    let present = state.present();
    let (standing, taken) = state.quota.take(entry.company.unwrap_or(0), grant.app(), present);
    let bare = state.quirks.contains(&Quirk::NoRateHeaders);
    let dressed = |reply: Reply| if bare { reply } else { dress(reply, standing) };
    if let Err(full) = taken {
        let (message, code) = match full.status {
            429 => ("Too many requests.", "TOO_MANY_REQUESTS"),
            _ => ("You have exceeded the number of requests allowed.", "QUOTA_EXCEEDED"),
        };
        let reply = answer::failure(full.status, message, code).with("Retry-After", full.retry_after);
        return Err(Refusal::innocent(dressed(reply)));
    }
    match asked_data(state, request, entry, &grant) {
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

/// What needs a token: who asks, and a company's data.
fn asked_data(state: &mut State, request: &Incoming, entry: &Request, grant: &Grant) -> Result<Reply, Refusal> {
    let company = entry.company.unwrap_or_default();
    let asked = Asked { request, grant, company, fault: entry.fault.as_ref() };
    match request.path.as_str() {
        "/user/companies" => return asked.get(&[]).map(|()| Reply::json(200, &companies::list(state, grant))),
        "/user/info" => return asked.get(&[]).map(|()| Reply::json(200, &companies::user())),
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
    paths::answer(state, &asked, rest)
}

/// What the sandbox's own front page says, so that a browser shows that it is there.
pub(crate) fn front_page() -> Reply {
    Reply::json(200, &json!({"sandbox": "an imitation of the Fatture in Cloud API, for tests"}))
}
