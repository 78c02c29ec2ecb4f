//! Control over HTTP, for the sandbox as a process of its own. Bodies and answers are JSON; these requests need
//! no token, are not in the journal and use up no quota.
//!
//! ```text
//! POST /_sandbox/populate   {"company": 12345, "resource": "invoices", "count": 250}
//! POST /_sandbox/create     {"company", "resource", "count"?, "set"?: {…fields}}      -> {"ids": […]}
//! POST /_sandbox/update     {"company", "resource", "id" or "ids", "set"?: {…fields}}
//! POST /_sandbox/delete     {"company", "resource", "id" or "ids"}
//! POST /_sandbox/register   {"company", "id"}                    a pending document   -> {"id": …}
//! POST /_sandbox/send_email {"company", "resource", "id"}                            -> {"id": …}
//! POST /_sandbox/ei_status  {"company", "resource", "id", "status": "discarded"}
//! POST /_sandbox/stock      {"company", "id", "stock": 7}        a product
//! POST /_sandbox/link_base  {"base": "https://files.example.com"}  files of records that are made from now on
//! POST /_sandbox/advance    {"seconds": 3600}
//! POST /_sandbox/set_now    {"now": "2026-10-25T00:59:58Z"}
//! POST /_sandbox/quota      {"five_minutes": 300, "hourly": 1000, "monthly": 40000}
//! POST /_sandbox/fault      {"kind": "status", "code": 503, "retry_after"?: 2, "on"?: "type=invoice", "nth"?: 1}
//!                           kinds: status html_502 invalid_json cut_body reset hang drip empty_page short_page
//!                           repeated_row unsorted filter_ignored no_id null_total padded; "n" for hang, drip,
//!                           short_page, padded; redirect with "to"
//! POST /_sandbox/random_faults  {"rate": 0.05, "seed": 1}
//! POST /_sandbox/clear_faults, clear_journal, expire_access_tokens, revoke_refresh_tokens
//! POST /_sandbox/delay      {"milliseconds": 300}        every answer takes so long
//! POST /_sandbox/company    {"id": 2, "name": "Bianchi S.n.c."}
//! POST /_sandbox/token      {"companies": [12345], "scopes": ["*"]}                   -> {"token": "a/…"}
//! POST /_sandbox/client     {"id": "app", "secret": "…"}
//! POST /_sandbox/map_sink   {"prefix": "https://hooks.example.com", "base": "http://127.0.0.1:8787"}
//! POST /_sandbox/deliver    {"on": true}
//! POST /_sandbox/notify     {"company", "type": "entities.clients.update", "ids": […]}  -> {"id": "…"}
//! GET  /_sandbox/truth/{company}/{resource}      {"data": […], "deleted": […ids]}
//! GET  /_sandbox/journal    {"requests": […], "violations": […], "refusals": 0}
//! GET  /_sandbox/deliveries  {"deliveries": […], "queued": 0}
//! GET  /_sandbox/public_key  {"pem": "…"}
//! GET  /_sandbox/now        {"now": "…Z"}
//! ```

use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::answer::Reply;
use crate::faults::Fault;
use crate::http::Incoming;
use crate::id::Id;
use crate::journal::Request;
use crate::resource::RESOURCES;
use crate::webhooks::Delivery;

/// Answers a control request.
pub(crate) fn answer(sandbox: &Sandbox, path: &str, request: &Incoming) -> Reply {
    let body = if request.body.is_empty() { Ok(json!({})) } else { serde_json::from_str(&request.body) };
    let outcome = match (request.method.as_str(), body) {
        (_, Err(error)) => Err(format!("the body is no JSON: {error}")),
        ("GET", Ok(_)) => look(sandbox, path),
        ("POST", Ok(body)) => act(sandbox, path, &Command { body, sandbox }),
        (method, _) => Err(format!("{method} is not for control requests")),
    };
    match outcome {
        Ok(value) => Reply::json(200, &value),
        Err(what) => Reply::json(400, &json!({"error": what})),
    }
}

fn look(sandbox: &Sandbox, path: &str) -> Result<Value, String> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["truth", company, resource] => {
            let command =
                Command { body: json!({"company": company.parse::<i64>().ok(), "resource": resource}), sandbox };
            let (company, resource) = command.list()?;
            let deleted: Vec<Value> = sandbox.deleted_ids(company, &resource).iter().map(Id::json).collect();
            Ok(json!({"data": sandbox.truth(company, &resource), "deleted": deleted}))
        }
        ["journal"] => {
            let requests: Vec<Value> = sandbox.journal().iter().map(entry).collect();
            Ok(json!({
                "requests": requests, "violations": sandbox.violations(), "refusals": sandbox.refusals(),
            }))
        }
        ["deliveries"] => {
            let deliveries: Vec<Value> = sandbox.deliveries().iter().map(attempt).collect();
            Ok(json!({"deliveries": deliveries, "queued": sandbox.queued()}))
        }
        ["public_key"] => Ok(json!({"pem": sandbox.public_key_pem()})),
        ["now"] => Ok(json!({"now": sandbox.now().to_string()})),
        _ => Err(format!("there is no GET /_sandbox/{path}")),
    }
}

fn entry(request: &Request) -> Value {
    let query: Map<String, Value> =
        request.query.iter().map(|(key, value)| (key.clone(), Value::from(value.clone()))).collect();
    json!({
        "method": request.method, "path": request.path, "query": query, "status": request.status,
        "records": request.records, "company": request.company, "at": request.at.to_string(),
        "fault": request.fault.as_ref().map(|fault| format!("{fault:?}")),
    })
}

fn attempt(delivery: &Delivery) -> Value {
    json!({
        "subscription": delivery.subscription, "sink": delivery.sink, "type": delivery.event_type,
        "event_id": delivery.event_id, "ids": delivery.ids.iter().map(Id::json).collect::<Vec<Value>>(), "attempt": delivery.attempt, "status": delivery.status,
        "latency_ms": delivery.latency.as_millis() as u64, "outcome": format!("{:?}", delivery.outcome),
    })
}

/// A control request's body, read leniently but never guessed.
struct Command<'a> {
    body: Value,
    sandbox: &'a Sandbox,
}

impl Command<'_> {
    fn number(&self, name: &str) -> Result<i64, String> {
        self.body[name].as_i64().ok_or_else(|| format!("{name} is missing or no whole number"))
    }

    fn count(&self, name: &str) -> Result<usize, String> {
        self.number(name).and_then(|number| usize::try_from(number).map_err(|_| format!("{name} is negative")))
    }

    fn small(&self, name: &str) -> Result<u32, String> {
        self.number(name).and_then(|number| u32::try_from(number).map_err(|_| format!("{name} is out of range")))
    }

    fn text(&self, name: &str) -> Result<&str, String> {
        self.body[name].as_str().ok_or_else(|| format!("{name} is missing or no text"))
    }

    /// A company and a list that exist: tests' helpers panic on others, a process must not.
    fn list(&self) -> Result<(i64, String), String> {
        let (company, resource) = (self.number("company")?, self.text("resource")?);
        if !self.sandbox.companies().contains(&company) {
            return Err(format!("there is no company {company}"));
        }
        match RESOURCES.iter().any(|known| known.name == resource) {
            true => Ok((company, resource.to_owned())),
            false => Err(format!("there is no resource {resource:?}")),
        }
    }

    fn ids(&self) -> Result<Vec<Id>, String> {
        match &self.body["ids"] {
            Value::Array(ids) => Ok(ids.iter().filter_map(Id::of_json).collect()),
            _ => Id::of_json(&self.body["id"]).map(|id| vec![id]).ok_or_else(|| "id is missing or no id".to_owned()),
        }
    }

    /// Puts the fields of `set` into a record.
    fn set(&self, record: &mut Value) {
        if let Value::Object(fields) = &self.body["set"] {
            for (field, value) in fields {
                record[field] = value.clone();
            }
        }
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        self.body[name].as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
    }
}

fn act(sandbox: &Sandbox, path: &str, command: &Command<'_>) -> Result<Value, String> {
    match path {
        "populate" | "create" | "update" | "delete" => return change(sandbox, path, command),
        "register" | "send_email" | "ei_status" | "stock" => return happen(sandbox, path, command),
        "link_base" => sandbox.set_link_base(command.text("base")?),
        "advance" => sandbox.advance(command.number("seconds")?),
        "set_now" => {
            let instant = command.text("now")?.parse().map_err(|error| format!("now: {error}"))?;
            sandbox.set_instant(instant);
        }
        "quota" => {
            sandbox.set_quota(command.small("five_minutes")?, command.small("hourly")?, command.small("monthly")?);
        }
        "fault" => {
            let nth = if command.body["nth"].is_null() { 1 } else { command.count("nth")? };
            sandbox.fault_on(command.text("on").unwrap_or_default(), nth, fault(command)?);
        }
        "random_faults" => {
            let rate = command.body["rate"].as_f64().ok_or("rate is missing")?;
            sandbox.random_faults(rate, command.number("seed").unwrap_or(1) as u64);
        }
        "delay" => sandbox.set_delay(command.count("milliseconds")? as u64),
        "clear_faults" => sandbox.clear_faults(),
        "clear_journal" => sandbox.clear_journal(),
        "expire_access_tokens" => sandbox.expire_access_tokens(),
        "revoke_refresh_tokens" => sandbox.revoke_refresh_tokens(),
        "company" => sandbox.add_company(command.number("id")?, command.text("name")?),
        "client" => sandbox.register_client(command.text("id")?, command.text("secret")?),
        "map_sink" => sandbox.map_sink(command.text("prefix")?, command.text("base")?),
        "deliver" => sandbox.deliver(command.body["on"].as_bool().ok_or("on is missing")?),
        "notify" => {
            let id = sandbox.notify_ids(command.number("company")?, command.text("type")?, &command.ids()?);
            return Ok(json!({"id": id}));
        }
        "token" => {
            let companies: Vec<i64> = match &command.body["companies"] {
                Value::Array(list) => list.iter().filter_map(Value::as_i64).collect(),
                _ => sandbox.companies(),
            };
            return Ok(json!({"token": sandbox.issue_token(&companies, &command.texts("scopes"))}));
        }
        _ => return Err(format!("there is no POST /_sandbox/{path}")),
    }
    Ok(json!({}))
}

fn change(sandbox: &Sandbox, path: &str, command: &Command<'_>) -> Result<Value, String> {
    let (company, list) = command.list()?;
    match path {
        "populate" => {
            sandbox.populate(company, &list, command.count("count")?);
            Ok(json!({}))
        }
        "create" => {
            let count = if command.body["count"].is_null() { 1 } else { command.count("count")? };
            if list == "companies" {
                return Err("a company is made by POST /_sandbox/company".to_owned());
            }
            let make = |_| sandbox.add_with(company, &list, |record| command.set(record)).json();
            Ok(json!({"ids": (0..count).map(make).collect::<Vec<Value>>()}))
        }
        _ => {
            let known = sandbox.all_ids(company, &list);
            let ids = command.ids()?;
            if let Some(id) = ids.iter().find(|id| known.binary_search(id).is_err()) {
                return Err(format!("there is no record {id}"));
            }
            for id in ids {
                match path {
                    "delete" => sandbox.delete(company, &list, id),
                    _ if command.body["set"].is_null() => sandbox.update(company, &list, id),
                    _ => sandbox.update_with(company, &list, id, |record| command.set(record)),
                }
            }
            Ok(json!({}))
        }
    }
}

/// What happens at the service beyond create, update and delete.
fn happen(sandbox: &Sandbox, path: &str, command: &Command<'_>) -> Result<Value, String> {
    let (company, id) = (command.number("company")?, command.number("id")?);
    let list = match path {
        "register" => "pending_documents",
        "stock" => "products",
        _ => command.text("resource")?,
    };
    let named = Command { body: json!({"company": company, "resource": list}), sandbox };
    let (company, list) = named.list()?;
    if sandbox.record(company, &list, id).is_none() {
        return Err(format!("there is no record {id}"));
    }
    Ok(match path {
        "register" => json!({"id": sandbox.register(company, id)}),
        "send_email" => json!({"id": sandbox.send_email(company, &list, id)}),
        "ei_status" => {
            sandbox.set_ei_status(company, &list, id, command.text("status")?);
            json!({})
        }
        _ => {
            sandbox.set_stock(company, id, command.number("stock")?);
            json!({})
        }
    })
}

fn fault(command: &Command<'_>) -> Result<Fault, String> {
    let n = || command.count("n");
    Ok(match command.text("kind")? {
        "status" => Fault::Status {
            code: u16::try_from(command.small("code")?).map_err(|_| "code is no status")?,
            retry_after: command.small("retry_after").ok(),
            body: command.text("body").ok().map(str::to_owned),
        },
        "html_502" => Fault::Html502,
        "invalid_json" => Fault::InvalidJson,
        "cut_body" => Fault::CutBody,
        "reset" => Fault::Reset,
        "hang" => Fault::Hang(n()? as u64),
        "drip" => Fault::Drip(n()? as u64),
        "empty_page" => Fault::EmptyPage,
        "short_page" => Fault::ShortPage(n()?),
        "repeated_row" => Fault::RepeatedRow,
        "unsorted" => Fault::Unsorted,
        "filter_ignored" => Fault::FilterIgnored,
        "no_id" => Fault::NoId,
        "null_total" => Fault::NullTotal,
        "redirect" => Fault::Redirect(command.text("to")?.to_owned()),
        "padded" => Fault::Padded(n()?),
        other => return Err(format!("there is no fault {other:?}")),
    })
}
