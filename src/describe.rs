//! What a refusal of the service means for a person: its exit code and the next step.
//!
//! In: an [`ApiError`], and whose request it was. Out: an error for `main`, `sync_runs` and `last_error`. One map for
//! commands, sync and workers; `api` knows neither exit codes nor commands.

use crate::api::ApiError;
use crate::credentials;
use crate::exit::Exit;
use crate::report::Problem;
use crate::resource::Resource;
use crate::store::accounts::Account;

/// Where a token came otherwise, another cure.
const ELSEWHERE: &str =
    "one that systemd passes is replaced in the file that its unit names, one of `account login` by a new login";

/// The error of a request that was made for an account.
pub fn describe(error: ApiError, account: &Account) -> anyhow::Error {
    with_account(error, account, None)
}

/// The error of a request for a resource of an account: a missing scope is named.
pub fn describe_resource(error: ApiError, account: &Account, resource: &Resource) -> anyhow::Error {
    with_account(error, account, Some(resource))
}

fn with_account(error: ApiError, account: &Account, resource: Option<&Resource>) -> anyhow::Error {
    let set_token = credentials::mend(account.id);
    let hint = match &error {
        ApiError::Auth(_) => format!("{set_token}; {ELSEWHERE}"),
        ApiError::Scope(_) => {
            let scope = resource.and_then(|one| one.scope);
            let scopes = scope.map_or("scopes that are mirrored".to_owned(), |scope| format!("scope {scope}"));
            format!("make a token with the {scopes} and {set_token}; {ELSEWHERE}")
        }
        ApiError::NotFound(_) => format!(
            "see whether the token still sees company {} with: ficsync account check {}",
            account.company_id, account.id
        ),
        _ => return plain(error).context(account.to_string()),
    };
    let problem = Problem::new(exit(&error), error.to_string()).hint(hint);
    anyhow::Error::from(problem).context(account.to_string())
}

/// The error of a request before there is an account.
pub fn plain(error: ApiError) -> anyhow::Error {
    let exit = exit(&error);
    let hint = match &error {
        ApiError::Own(_) => {
            let ApiError::Own(own) = error else { unreachable!("matched above") };
            return own;
        }
        ApiError::Auth(_) => "make a new token on the service's page and try again",
        ApiError::Scope(_) => "make a token with the scopes that are mirrored and try again",
        ApiError::NotFound(_) => "check --api-url",
        ApiError::Rejected { .. } => "run again with -v to see the request, and report it if it stays",
        ApiError::Ignored(_) => "run again; if it stays, run: ficsync sync all --full",
        ApiError::Transient(_) => "run again later; nothing is lost",
        ApiError::Malformed(_) => "run again later; if it stays, check --api-url",
        ApiError::Quota { .. } | ApiError::Stopped(_) => "run again, it goes on where it stopped",
    };
    Problem::new(exit, error.to_string()).hint(hint).into()
}

/// The exit code of a refusal.
pub fn exit(error: &ApiError) -> Exit {
    match error {
        ApiError::Quota { .. } | ApiError::Stopped(_) => Exit::Stopped,
        ApiError::Auth(_) | ApiError::Scope(_) => Exit::Denied,
        ApiError::Own(error) => crate::report::exit_of(error),
        ApiError::NotFound(_)
        | ApiError::Rejected { .. }
        | ApiError::Ignored(_)
        | ApiError::Transient(_)
        | ApiError::Malformed(_) => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::one_line;

    fn account() -> Account {
        Account {
            id: 2,
            name: "Rossi".to_owned(),
            company_id: 7,
            company_name: None,
            created_at: String::new(),
            last_sync_at: None,
        }
    }

    #[test]
    fn every_refusal_has_its_code_and_a_next_step() {
        let text = || "why".to_owned();
        let until = "2026-01-01T00:00:00Z".parse().expect("time");
        for (error, exit, words) in [
            (ApiError::Quota { until, reason: text() }, Exit::Stopped, "2026-01-01T00:00:00Z; run again"),
            (ApiError::Stopped(text()), Exit::Stopped, "run again"),
            (ApiError::Auth(text()), Exit::Denied, "ficsync account set-token 2 --token-file F"),
            (ApiError::Scope(text()), Exit::Denied, "set-token 2"),
            (ApiError::NotFound(text()), Exit::Failed, "ficsync account check 2"),
            (ApiError::Rejected { status: 422, message: text() }, Exit::Failed, "-v"),
            (ApiError::Ignored(text()), Exit::Failed, "--full"),
            (ApiError::Transient(text()), Exit::Failed, "later"),
            (ApiError::Malformed(text()), Exit::Failed, "--api-url"),
        ] {
            let error = describe(error, &account());
            let line = one_line(&error);
            assert!(line.starts_with("account 2: ") && line.contains("why") && line.contains(words), "{line}");
            assert_eq!(crate::report::exit_of(&error), exit, "{line}");
        }
    }

    #[test]
    fn a_missing_scope_is_named() {
        let invoices = crate::resource::by_name("invoices").expect("invoices");
        let error = describe_resource(ApiError::Scope(String::new()), &account(), invoices);
        assert!(one_line(&error).contains("issued_documents.invoices:r"));
    }

    #[test]
    fn our_own_errors_keep_their_code_and_hint() {
        let own = Problem::new(Exit::Settings, "x").hint("run: y");
        let error = describe(ApiError::Own(own.into()), &account());
        assert_eq!(
            (crate::report::exit_of(&error), one_line(&error)),
            (Exit::Settings, "account 2: x; run: y".to_owned())
        );
    }
}
