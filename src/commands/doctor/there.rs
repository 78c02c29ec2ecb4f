//! What the service and the public URL say: token, scopes, clock; and whether our own listener answers there.

use super::Check;
use crate::api::{Api, ApiError, Transport};
use crate::commands::parts;
use crate::credentials;
use crate::report::one_line;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::status::AccountStatus;
use crate::tokens;
use crate::window::Window;

/// Stamps of webhooks and tokens are good for hours, but a wrong clock makes wrong ages.
const MOST_SKEW: i64 = 60;

/// Credentials, token, clock and scopes of an account: one request each, the last two only where the token is good.
pub fn token_and_scopes(settings: &Settings, status: &AccountStatus, shutdown: &Shutdown) -> Vec<Check> {
    let (account, id) = (&status.account, Some(status.account.id));
    match parts::vault(settings).load(account) {
        Err(error) => {
            vec![Check::bad("credentials.usable", id, one_line(&error), credentials::mend(account.id))]
        }
        Ok(loaded) => {
            let found = Check::good("credentials.usable", id, tokens::in_words(&loaded));
            let api = parts::api(settings, account, parts::policy(settings, shutdown));
            match api {
                Ok(api) => std::iter::once(found).chain(asked(&api, settings, account.id)).collect(),
                Err(error) => vec![found, Check::bad("token.valid", id, one_line(&error), "see what was found")],
            }
        }
    }
}

fn asked(api: &Api, settings: &Settings, account_id: i64) -> Vec<Check> {
    let id = Some(account_id);
    let mut checks = match api.clock_ahead() {
        Ok(ahead) => {
            let ahead = ahead.map(|ahead| ahead.as_secs());
            let clock = match ahead {
                Some(ahead) if ahead.abs() > MOST_SKEW => {
                    let found = format!("this machine's clock is {} s away from the service's", ahead.abs());
                    Check::bad("clock.right", id, found, "timedatectl set-ntp true")
                }
                Some(ahead) => Check::good("clock.right", id, format!("within {} s of the service's", ahead.abs())),
                None => Check::good("clock.right", id, "the service does not tell its own"),
            };
            vec![Check::good("token.valid", id, "the service takes it"), clock]
        }
        Err(error @ ApiError::Auth(_)) => {
            return vec![Check::bad("token.valid", id, error.to_string(), credentials::mend(account_id))];
        }
        Err(error) => return vec![Check::bad("service.reachable", id, error.to_string(), "try again later")],
    };
    for resource in &settings.resources {
        checks.push(match api.count(resource, &Window::default()) {
            Ok(total) => Check::good("token.scope", id, format!("{}: {total} records", resource.name)),
            Err(error) => Check::bad(
                "token.scope",
                id,
                format!("{}: {error}", resource.name),
                format!("make a token with the scope {} and {}", resource.scope, credentials::mend(account_id)),
            ),
        });
    }
    checks
}

/// Whether our own refusal comes back from the public URL, not a stranger's page.
pub fn public_url(settings: &Settings, statuses: &[AccountStatus]) -> Option<Check> {
    let url = settings.public_url.as_ref()?;
    let account = statuses.first()?.account.id;
    let path = format!("/api/webhooks/fic/{account}/entity");
    let cure =
        "see that DNS, certificate and reverse proxy lead to the listener, and forward /api/webhooks/fic/ unchanged";
    Some(match Transport::new(url, settings.timeout).knock(&path) {
        Ok((401, true)) => Check::good("public_url.ours", None, format!("{url} leads to the listener")),
        Ok((status, _)) => {
            Check::bad("public_url.ours", None, format!("something else answers at {url}: {status}, not our 401"), cure)
        }
        Err(text) => Check::bad("public_url.ours", None, text, cure),
    })
}
