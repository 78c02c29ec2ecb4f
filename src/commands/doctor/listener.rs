//! Does the listener live, and is it what answers under the public URL.

use super::{Findings, subscriptions};
use crate::api::Fault;
use crate::api::stranger::{self, Answered};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::status::AccountStatus;
use crate::webhook::intake::REFUSAL;
use crate::webhook::route::Route;
use crate::webhook::server::NAME;
use crate::webhook::{probe, public};
use anyhow::Result;
use std::time::Duration;
use url::Url;

/// The listener answers in milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest part of a stranger's page that is shown.
const SHOWN: usize = 60;

/// Looks at the listener, where webhooks are wanted.
pub fn look(store: &Store, settings: &Settings, accounts: &[AccountStatus], findings: &mut Findings) -> Result<()> {
    let mut rows = 0;
    for status in accounts {
        rows += store.subscriptions(status.account.id)?.len();
    }
    if !subscriptions::wanted(settings, rows) {
        findings.good("listener.alive", None, "not wanted: there is no public URL");
        return Ok(());
    }
    look_at_health(settings, findings);
    match &settings.public_url {
        Some(url) => look_at_public_url(url, accounts, settings, findings),
        None => {
            let cure = "set public_url in the configuration file, such as https://hooks.example.it";
            findings.bad("public_url.ours", None, "there are subscriptions, but no public URL is set", cure);
        }
    }
    Ok(())
}

fn look_at_health(settings: &Settings, findings: &mut Findings) {
    let id = "listener.alive";
    let address = public::from_here(&settings.listen);
    let start = "run: systemctl start ficsync-webhook, or: ficsync webhook-listen";
    match probe::healthz(&address, PATIENCE) {
        Ok((200, _)) => findings.good(id, None, format!("{address} is well")),
        Ok((status, body)) => {
            findings.bad(id, None, format!("{address} says {status}: {}", start_of(&body)), start);
        }
        Err(error) => {
            let cure = format!("{start} (and give --listen as the listener has it)");
            findings.bad(id, None, format!("{address}: {error}"), cure);
        }
    }
}

fn look_at_public_url(url: &Url, accounts: &[AccountStatus], settings: &Settings, findings: &mut Findings) {
    let id = "public_url.ours";
    let Some(status) = accounts.first() else {
        return findings.good(id, None, "not looked at: there is no account");
    };
    let path = Route { account_id: status.account.id, group: "entity" }.path();
    let proxy = format!("let the reverse proxy pass {url} to {}; docs/operations.md shows how", settings.listen);
    match stranger::ask(url, &path, settings.timeout) {
        Ok(answer) if is_ours(&answer) => findings.good(id, None, format!("{url} leads to the listener")),
        Ok(answer) => {
            let found = format!("{url} is answered by something else: {}, {}", answer.status, start_of(&answer.body));
            findings.bad(id, None, found, proxy);
        }
        Err((why, fault)) => findings.bad(id, None, format!("{url}: {why}"), way_there(fault, url, &proxy)),
    }
}

/// What to do when nothing is reached under the public URL. From inside a network the way out and in again may be closed
/// while it is open to the service.
fn way_there(fault: Fault, url: &Url, proxy: &str) -> String {
    let host = url.host_str().unwrap_or_default();
    match fault {
        Fault::NoName => format!("give {host} an address in DNS, or correct public_url"),
        Fault::Refused => format!("start the reverse proxy and open its port in the firewall; {proxy}"),
        Fault::Timeout => format!("open the way to {host} in the firewall; {proxy}"),
        Fault::Tls => format!(
            "give the reverse proxy a valid certificate for {host}, with the authorities between; one of your own authority \
             is trusted here after update-ca-certificates, and must be trusted by the service too"
        ),
        Fault::Other => format!("check the name in DNS, the certificate and the firewall; {proxy}"),
    }
}

/// Our refusal of a request that nobody has signed. A proxy may have put its own name over ours, hardly our words.
fn is_ours(answer: &Answered) -> bool {
    answer.status == 401 && (answer.server.as_deref() == Some(NAME) || answer.body.trim() == REFUSAL)
}

fn start_of(body: &str) -> String {
    let line: String = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_refusal_is_ours() {
        let answer = |status, server: Option<&str>, body: &str| Answered {
            status,
            server: server.map(str::to_owned),
            body: body.to_owned(),
        };
        assert!(is_ours(&answer(401, Some(NAME), "")));
        assert!(is_ours(&answer(401, Some("nginx"), &format!("{REFUSAL}\n"))));
        for (status, server, body) in [
            (401, Some("nginx"), "<h1>401 Authorization Required</h1>"),
            (401, None, ""),
            (200, Some("nginx"), "welcome"),
            (200, Some(NAME), "another program may take any name"),
            (404, Some(NAME), "not found"),
            (502, Some("nginx"), REFUSAL),
        ] {
            assert!(!is_ours(&answer(status, server, body)), "{status} {server:?} {body}");
        }
        assert_eq!(start_of("<html>\n  <b>x</b>"), "<html> <b>x</b>");
        assert_eq!(start_of(&"y".repeat(100)).chars().count(), SHOWN + 1);
    }
}
