//! Are the credentials safe and good, does the service answer, do the clocks agree.
//!
//! One cheap request per resource of an account.

use super::Findings;
use crate::api::{Api, ApiError};
use crate::clock;
use crate::commands::parts;
use crate::credentials;
use crate::describe::describe;
use crate::resource::{self, Resource};
use crate::settings::Settings;
use crate::store::status::AccountStatus;
use crate::tokens;
use jiff::SignedDuration;
use std::os::unix::fs::PermissionsExt;

/// A clock that is further off than this makes valid webhooks look old, or from the future.
const MOST_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The folder of tokens: for its owner alone.
pub fn look_at_folder(settings: &Settings, findings: &mut Findings) {
    let folder = settings.db.with_file_name("credentials");
    let id = "credentials.folder";
    match std::fs::metadata(&folder).map(|found| found.permissions().mode() & 0o7777) {
        Ok(mode) if mode & 0o077 == 0 => findings.good(id, None, format!("{} (mode {mode:04o})", folder.display())),
        Ok(mode) => {
            let found = format!("others can enter {} (mode {mode:04o})", folder.display());
            findings.bad(id, None, found, format!("run: chmod 700 {}", folder.display()));
        }
        Err(_) if settings.credentials_directory.is_some() => {
            findings.good(id, None, "there is none; systemd passes the credentials");
        }
        Err(error) => {
            let cure = "run as the user that owns the database, or give the accounts tokens: ficsync account list";
            findings.bad(id, None, format!("{}: {error}", folder.display()), cure);
        }
    }
}

/// The credentials of an account, and what the service says to them. Returns whether it can be asked more.
pub fn look(api: &Api, status: &AccountStatus, settings: &Settings, findings: &mut Findings) -> bool {
    let account = Some(status.account.id);
    match parts::vault(settings).load(&status.account) {
        Ok(loaded) => findings.good("credentials.usable", account, tokens::in_words(&loaded)),
        Err(error) => {
            findings.error("credentials.usable", account, &error, &credentials::mend(status.account.id));
            return false;
        }
    }
    let answers = look_at_token(api, status, settings, findings);
    if let Some(skew) = api.skew() {
        look_at_clock(skew, status.account.id, findings);
    }
    answers
}

fn look_at_token(api: &Api, status: &AccountStatus, settings: &Settings, findings: &mut Findings) -> bool {
    let account = Some(status.account.id);
    let mut missing = denied_scopes(status);
    for (scope, resource) in other_scopes(status, settings) {
        match api.may_read(resource, settings.clock.now()) {
            Ok(()) => {}
            Err(ApiError::Scope(_)) => missing.push(scope),
            Err(error) => {
                refused(error, status, findings);
                return false;
            }
        }
    }
    findings.good("service.reachable", account, settings.api_url.to_string());
    findings.good("token.valid", account, "the service takes it");
    match missing.as_slice() {
        [] => findings.good("token.scope", account, format!("all {} resources can be read", settings.resources.len())),
        scopes if !settings.resources_are_named => {
            findings.good(
                "token.scope",
                account,
                format!("what it allows is read; not {}{}", scopes.join(", "), silent(scopes)),
            );
        }
        scopes => {
            let cure = format!(
                "make a token with them (or leave those resources out with `resources` in the configuration file) and {}",
                credentials::mend(status.account.id)
            );
            findings.bad("token.scope", account, format!("missing: {}", scopes.join(", ")), cure);
        }
    }
    true
}

/// The scopes that the service refused at the last look.
fn denied_scopes(status: &AccountStatus) -> Vec<&'static str> {
    let denied = status.resources.iter().filter(|r| r.denied_at.is_some());
    let denied: Vec<&Resource> = denied.filter_map(|r| resource::by_name(r.resource)).collect();
    resource::scopes(&denied).into_iter().map(|(scope, _)| scope).collect()
}

/// The scopes that are wanted and not known to be refused, each with a resource type that shows it.
fn other_scopes(status: &AccountStatus, settings: &Settings) -> Vec<(&'static str, &'static Resource)> {
    let denied = denied_scopes(status);
    let mut scopes = resource::scopes(&settings.resources);
    scopes.retain(|(scope, _)| !denied.contains(scope));
    scopes
}

/// Which answers stay away without these scopes.
fn silent(scopes: &[&str]) -> &'static str {
    match scopes.contains(&"settings:r") {
        true => "; without settings:r queries on the natures of VAT (N1, N2.2, …) and the tax profile stay empty",
        false => "",
    }
}

/// Whether it is the token, or the way to the service.
fn refused(error: ApiError, status: &AccountStatus, findings: &mut Findings) {
    let of_token = match &error {
        ApiError::Auth(_) => true,
        ApiError::Own(error) => crate::report::exit_of(error) == crate::exit::Exit::Denied,
        _ => false,
    };
    let account = Some(status.account.id);
    if let ApiError::Quota { .. } = &error {
        // It answers, and says when again: `quota.month` tells how much is left.
        return findings.good("service.reachable", account, format!("not asked more: {error}"));
    }
    let id = if of_token { "token.valid" } else { "service.reachable" };
    let again = "run again later: ficsync doctor";
    findings.error(id, account, &describe(error, &status.account), again);
}

fn look_at_clock(skew: SignedDuration, account_id: i64, findings: &mut Findings) {
    let off = skew.abs();
    if off <= MOST_SKEW {
        // The service's header has whole seconds, and an answer takes time.
        return findings.good(
            "clock.right",
            Some(account_id),
            format!("within {} s of the service's", off.as_secs() + 1),
        );
    }
    let way = if skew.is_positive() { "behind" } else { "ahead of" };
    let found = format!("this machine is {} {way} the service", clock::for_people(off));
    findings.bad("clock.right", Some(account_id), found, "run: timedatectl set-ntp true");
}
