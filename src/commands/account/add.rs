//! `account add`: a company by a token that was made by hand.
//!
//! The row is committed after the credentials are on disk: a crash between the two leaves no account, and a file that
//! the next `account add` replaces.

use super::in_words;
use crate::api::companies::Company;
use crate::commands::parts;
use crate::credentials::Credentials;
use crate::describe;
use crate::exit::Exit;
use crate::report::{Problem, say};
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use anyhow::Result;
use secrecy::SecretString;

/// Adds the company that the token sees, and prints the new account's id.
///
/// # Errors
/// When the token is refused (77), sees no or several companies, or the company has an account already.
pub fn run(name: &str, company_id: Option<i64>, token: Option<SecretString>, settings: &Settings) -> Result<Exit> {
    let name = checked_name(name)?;
    let token = super::given(token)?;
    let mut store = Store::open(&settings.db, settings.clock)?;
    let company = choose(companies(settings, &token, &Shutdown::on_signals()?)?, company_id)?;
    let account = keep_new(&mut store, settings, &name, &company, &Credentials::Manual(token))?;
    say(account.id)?;
    Ok(Exit::Done)
}

/// A name for people: not empty, one line.
pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Problem::new(Exit::Usage, "the name of an account is one line and not empty")
            .hint("type, for example: --name 'Rossi srl'")
            .into());
    }
    Ok(name.to_owned())
}

/// The companies that a token sees.
pub(super) fn companies(settings: &Settings, token: &SecretString, shutdown: &Shutdown) -> Result<Vec<Company>> {
    let api = parts::api_for_token(settings, token.clone(), 0, parts::policy(settings, shutdown));
    api.companies().map_err(describe::plain)
}

/// The company that is wanted, or the only one.
pub(super) fn choose(companies: Vec<Company>, wanted: Option<i64>) -> Result<Company> {
    let seen = in_words(&companies);
    let refuse = |exit, message: String, hint: &str| Err(Problem::new(exit, message).hint(hint).into());
    match (wanted, companies.len()) {
        (_, 0) => refuse(
            Exit::Denied,
            "the token sees no company".to_owned(),
            "make a token for the company on the service's page and try again",
        ),
        (None, 1) => companies.into_iter().next().map_or_else(|| anyhow::bail!("no company"), Ok),
        (None, n) => {
            refuse(Exit::Usage, format!("the token sees {n} companies: {seen}"), "choose one with --company-id N")
        }
        (Some(id), _) => match companies.into_iter().find(|c| c.id == id) {
            Some(company) => Ok(company),
            None => refuse(
                Exit::Denied,
                format!("the token does not see company {id}; it sees {seen}"),
                "choose one of them with --company-id N, or use another token",
            ),
        },
    }
}

/// Writes credentials and row of a new account.
pub(super) fn keep_new(
    store: &mut Store,
    settings: &Settings,
    name: &str,
    company: &Company,
    credentials: &Credentials,
) -> Result<Account> {
    let vault = parts::vault(settings);
    let account = store.add_account(name, (company.id, company.name.as_deref()), |account| {
        vault.refuse_strangers(account)?;
        vault.save(account, credentials)
    })?;
    if vault.systemd_path(account.id).is_some() {
        log::warn!("{account}: systemd passes a token of its own, which goes before the one just kept");
    }
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::one_line;

    fn company(id: i64) -> Company {
        Company { id, name: Some(format!("C{id}")) }
    }

    #[test]
    fn the_only_company_is_chosen_and_of_several_the_wanted_one() {
        assert_eq!(choose(vec![company(1)], None).expect("only").id, 1);
        assert_eq!(choose(vec![company(1), company(2)], Some(2)).expect("wanted").id, 2);
        for (seen, wanted, words) in [
            (vec![], None, "no company"),
            (vec![company(1), company(2)], None, "1 (C1), 2 (C2); choose one with --company-id N"),
            (vec![company(1)], Some(9), "company 9; it sees 1 (C1)"),
        ] {
            let line = one_line(&choose(seen, wanted).expect_err(words));
            assert!(line.contains(words), "{line}");
        }
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(checked_name(" Rossi ").expect("name"), "Rossi");
        assert!(checked_name(" ").is_err() && checked_name("a\nb").is_err());
    }
}
