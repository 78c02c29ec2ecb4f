//! The API of subscriptions: list, get, create, modify, delete, verify. In: requests with a grant. Out: answers;
//! changes to the hub. What happens to notifications is in `webhooks.rs`.

use serde_json::{Value, json};

use crate::answer::{self, Refusal, Reply};
use crate::asked::Asked;
use crate::events;
use crate::quirks::Quirk;
use crate::state::State;
use crate::webhooks::{CHALLENGE_PAUSE, Mapping, Subscription};

/// Answers below `/c/{company}/subscriptions`; none for paths that do not exist.
pub(crate) fn answer(state: &mut State, asked: &Asked<'_>, tail: &str) -> Option<Result<Reply, Refusal>> {
    let parts: Vec<&str> = tail.split('/').collect();
    let method = asked.request.method.as_str();
    Some(match (method, parts.as_slice()) {
        ("GET", [""]) => Ok(list(state, asked)),
        ("POST", [""]) => create(state, asked),
        (_, [""]) => return None,
        ("GET", ["", id]) => own(state, asked, id).map(|found| Reply::json(200, &json!({"data": show(found)}))),
        ("PUT", ["", id]) => modify(state, asked, id),
        ("DELETE", ["", id]) => delete(state, asked, id),
        ("POST", ["", id, "verify"]) => verify(state, asked, id),
        _ => return None,
    })
}

fn list(state: &State, asked: &Asked<'_>) -> Reply {
    let own = state.hub.subscriptions.iter().filter(|subscription| asked.owns(subscription));
    Reply::json(200, &json!({"data": own.map(show).collect::<Vec<Value>>()}))
}

impl Asked<'_> {
    fn owns(&self, subscription: &Subscription) -> bool {
        subscription.company == self.company && subscription.app == self.grant.app()
    }

    /// The `data` of the body, with nothing in it that the description does not have.
    fn data(&self, allowed: &[&str]) -> Result<Value, Refusal> {
        let wrong = |what: &str| Refusal::invalid("data", what);
        let body: Value = serde_json::from_str(&self.request.body).map_err(|_| wrong("the body is no JSON"))?;
        let Some(data) = body.get("data").and_then(Value::as_object) else { return Err(wrong("data is missing")) };
        match data.keys().find(|key| !allowed.contains(&key.as_str())) {
            Some(key) => Err(wrong(&format!("data has an unknown property {key:?}"))),
            None => Ok(body["data"].clone()),
        }
    }
}

fn show(subscription: &Subscription) -> Value {
    json!({
        "id": subscription.id, "sink": subscription.sink, "verified": subscription.verified,
        "types": subscription.types, "verification_method": if subscription.by_query { "query" } else { "header" },
        "config": {"mapping": match subscription.mapping {
            Mapping::Binary => "binary",
            Mapping::Structured => "structured",
        }},
    })
}

fn own<'a>(state: &'a State, asked: &Asked<'_>, id: &str) -> Result<&'a Subscription, Refusal> {
    let found = state.hub.subscriptions.iter().find(|subscription| subscription.id == id && asked.owns(subscription));
    found.ok_or_else(|| Refusal::innocent(answer::not_found("No such subscription.")))
}

const SETTABLE: [&str; 6] = ["id", "sink", "verified", "types", "config", "verification_method"];

fn create(state: &mut State, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let data = asked.data(&SETTABLE[..])?;
    let mut draft = Subscription::draft(asked.company, asked.grant.app());
    draft.sink = sink(&data)?.ok_or_else(|| Refusal::invalid("sink", "sink is missing"))?;
    settings(&mut draft, &data)?;
    let types = types(asked, &data)?.ok_or_else(|| Refusal::invalid("types", "types are missing"))?;
    let warnings = take_types(state, asked, &mut draft, types);
    if draft.types.is_empty() {
        return Err(Refusal::innocent(answer::failure(409, "All events are already registered.", "CONFLICT")));
    }
    let now = state.clock.seconds();
    let made = state.hub.subscribe(draft, now);
    Ok(told(state, &made, &warnings))
}

/// The answer to a creation or change. The schema has a list of warnings, the example one text.
fn told(state: &State, subscription: &Subscription, warnings: &[String]) -> Reply {
    let warnings = match warnings {
        [] => Value::Null,
        _ if state.quirks.contains(&Quirk::WarningsAsText) => Value::from(warnings.join(", ")),
        _ => Value::from(warnings.to_vec()),
    };
    Reply::json(200, &json!({"data": show(subscription), "warnings": warnings}))
}

fn sink(data: &Value) -> Result<Option<String>, Refusal> {
    match &data["sink"] {
        Value::Null => Ok(None),
        Value::String(sink) if url::Url::parse(sink).is_ok_and(|url| url.scheme() == "https" && url.has_host()) => {
            Ok(Some(sink.clone()))
        }
        other => Err(Refusal::invalid("sink", format!("sink is {other}, not an https URL"))),
    }
}

fn settings(subscription: &mut Subscription, data: &Value) -> Result<(), Refusal> {
    match data["verification_method"].as_str() {
        None if data["verification_method"].is_null() => {}
        Some("header") => subscription.by_query = false,
        Some("query") => subscription.by_query = true,
        _ => return Err(Refusal::invalid("verification_method", "verification_method is neither header nor query")),
    }
    match data["config"]["mapping"].as_str() {
        None if data["config"]["mapping"].is_null() => {}
        Some("binary") => subscription.mapping = Mapping::Binary,
        Some("structured") => subscription.mapping = Mapping::Structured,
        _ => return Err(Refusal::invalid("config", "mapping is neither binary nor structured")),
    }
    Ok(())
}

/// The single types asked for; each needs reading of what it tells of.
fn types(asked: &Asked<'_>, data: &Value) -> Result<Option<Vec<String>>, Refusal> {
    if data["types"].is_null() {
        return Ok(None);
    }
    let wrong = |what: String| Refusal::invalid("types", what);
    let list = data["types"].as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| wrong("types is no list, or empty".to_owned()))?;
    let mut types = Vec::new();
    for entry in list {
        let singles = entry.as_str().map(events::expand).unwrap_or_default();
        if singles.is_empty() {
            return Err(wrong(format!("unknown event type {entry}")));
        }
        for single in singles {
            if let Some(scope) = events::scope(&single).filter(|scope| !asked.grant.allows(scope)) {
                return Err(Refusal::innocent(answer::no_permission(&format!("{scope}:r"))));
            }
            if !types.contains(&single) {
                types.push(single);
            }
        }
    }
    Ok(Some(types))
}

/// Gives a subscription the types that no other of the company and app has; a warning for each of the rest.
fn take_types(state: &State, asked: &Asked<'_>, to: &mut Subscription, types: Vec<String>) -> Vec<String> {
    let taken = |single: &String| {
        let others = state.hub.subscriptions.iter().filter(|other| asked.owns(other) && other.id != to.id);
        others.into_iter().any(|other| other.types.contains(single))
    };
    let (refused, types): (Vec<String>, Vec<String>) = types.into_iter().partition(taken);
    to.types = types;
    let warning = |single| format!("The '{single}' event is already registered for this application");
    refused.into_iter().map(warning).collect()
}

fn modify(state: &mut State, asked: &Asked<'_>, id: &str) -> Result<Reply, Refusal> {
    let mut changed = own(state, asked, id)?.clone();
    let data = asked.data(&SETTABLE[..])?;
    settings(&mut changed, &data)?;
    let moved = sink(&data)?.filter(|sink| *sink != changed.sink);
    let mut warnings = Vec::new();
    if let Some(types) = types(asked, &data)? {
        warnings = take_types(state, asked, &mut changed, types);
    }
    if let Some(sink) = &moved {
        changed.sink.clone_from(sink);
        changed.verified = false;
        changed.attempts = 0;
    }
    let now = state.clock.seconds();
    if let Some(kept) = state.hub.get(id) {
        *kept = changed.clone();
    }
    if moved.is_some() {
        state.hub.challenge(id, now);
    }
    Ok(told(state, &changed, &warnings))
}

fn delete(state: &mut State, asked: &Asked<'_>, id: &str) -> Result<Reply, Refusal> {
    own(state, asked, id)?;
    state.hub.unsubscribe(id);
    Ok(Reply::text(200, String::new()))
}

/// One more challenge: not for verified subscriptions, and not within ten minutes of the last.
fn verify(state: &mut State, asked: &Asked<'_>, id: &str) -> Result<Reply, Refusal> {
    let subscription = own(state, asked, id)?.clone();
    let data = asked.data(&["id", "verification_method"])?;
    if data["id"].as_str().is_some_and(|given| given != id) {
        return Err(Refusal::invalid("id", "the id in the body is another than in the path"));
    }
    let now = state.clock.seconds();
    if subscription.verified {
        return Err(Refusal::innocent(answer::failure(409, "The subscription is already verified.", "CONFLICT")));
    }
    if now - subscription.last_attempt < CHALLENGE_PAUSE {
        let message = "A verification attempt was made less than 10 minutes ago.";
        return Err(Refusal::innocent(answer::validation("id", message)));
    }
    if let Some(kept) = state.hub.get(id) {
        settings(kept, &data)?;
    }
    state.hub.challenge(id, now);
    Ok(Reply::text(200, String::new()))
}
