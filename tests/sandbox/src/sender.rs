//! Sends what is due to the sinks, on a thread of its own. In: the queue of `webhooks.rs`. Out: the sinks'
//! answers, back to it. Only sinks with a mapping are ever connected to; for all others there is no answer.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::core::Core;
use crate::state::State;
use crate::webhooks::{Dispatch, Message, Task};

/// How long a sink may take; the service says only that it should be quick.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the queue is looked at when nothing was due.
const TICK: Duration = Duration::from_millis(10);

/// Sends until the sandbox stops.
pub(crate) fn run(core: &Arc<Core>) {
    let agent = agent();
    while !core.stopped() {
        let next = {
            let mut state = core.state();
            let now = state.clock.seconds();
            let State { hub, quirks, dice, .. } = &mut *state;
            hub.take(now, quirks, dice).map(|dispatch| (mapped(&hub.sinks, &dispatch.message.sink), dispatch))
        };
        match next {
            Some((address, dispatch)) => send(core, &agent, address.as_deref(), &dispatch),
            None => thread::sleep(TICK),
        }
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent("FattureInCloud/API-WEBHOOK")
        .max_idle_connections(0)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

/// The address behind a sink: its mapped prefix replaced.
fn mapped(sinks: &[(String, String)], sink: &str) -> Option<String> {
    sinks.iter().find_map(|(prefix, base)| sink.strip_prefix(prefix.as_str()).map(|rest| format!("{base}{rest}")))
}

fn send(core: &Core, agent: &ureq::Agent, address: Option<&str>, dispatch: &Dispatch) {
    let start = Instant::now();
    let answer = address.filter(|_| !dispatch.lost).and_then(|address| deliver(agent, address, &dispatch.message));
    let latency = start.elapsed();
    let (status, body) = answer.unwrap_or_default();
    let answered = matches!(dispatch.task, Task::Verify) && status == 200 && verifies(&body, &dispatch.challenge);
    let mut state = core.state();
    let now = state.clock.now();
    state.hub.settle(dispatch, status, answered, now, latency);
}

/// Sends a message; the status and body of the answer, or none.
pub(crate) fn deliver(agent: &ureq::Agent, address: &str, message: &Message) -> Option<(u16, String)> {
    let mut request = ureq::http::Request::builder().method(message.method).uri(address).header("Connection", "close");
    for (name, value) in &message.headers {
        request = request.header(name, value);
    }
    let mut answer = match message.method {
        "GET" => agent.run(request.body(()).ok()?),
        _ => agent.run(request.body(message.body.as_str()).ok()?),
    }
    .ok()?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_string().unwrap_or_default();
    Some((status, body))
}

fn verifies(body: &str, challenge: &str) -> bool {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    answer["verification"] == challenge
}
