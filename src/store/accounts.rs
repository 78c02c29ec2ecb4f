//! The accounts: which company of the service each local id stands for.
//!
//! In: names and company ids. Out: [`Account`]s. Tokens are not here: see `credentials`.

use super::Store;
use crate::exit::Exit;
use crate::report::Problem;
use anyhow::Result;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

/// One account: a company of the service under a local id.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Account {
    /// The local id: 1, 2, …
    pub id: i64,
    /// The operator's name for it.
    pub name: String,
    /// The company's id at the service.
    pub company_id: i64,
    /// The company's name at the service, as it was when the account was added.
    pub company_name: Option<String>,
    /// When it was added here.
    pub created_at: String,
    /// End of the last run of all its resources that ended well.
    pub last_sync_at: Option<String>,
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "account {}", self.id)
    }
}

const COLUMNS: &str = "SELECT id, name, company_id, company_name, created_at, last_sync_at FROM accounts";

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        name: row.get(1)?,
        company_id: row.get(2)?,
        company_name: row.get(3)?,
        created_at: row.get(4)?,
        last_sync_at: row.get(5)?,
    })
}

impl Store {
    /// All accounts, oldest first.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{COLUMNS} ORDER BY id"))?;
            let rows = statement.query_map([], account)?.collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// The account with that id.
    ///
    /// # Errors
    /// When there is none: the message lists those that there are.
    pub fn account(&self, id: i64) -> Result<Account> {
        let found =
            self.read(|conn| Ok(conn.query_row(&format!("{COLUMNS} WHERE id = ?1"), [id], account).optional()?))?;
        found.ok_or_else(|| self.no_such_account(id))
    }

    fn no_such_account(&self, id: i64) -> anyhow::Error {
        let known: Vec<String> = self.accounts().unwrap_or_default().iter().map(|a| a.id.to_string()).collect();
        let known =
            if known.is_empty() { "there is none yet".to_owned() } else { format!("there is {}", known.join(", ")) };
        Problem::failed(format!("there is no account {id} ({known})"), "run: ficsync account list").into()
    }

    /// Adds an account and gives it the next id. On disk before it returns. `keep` runs before the commit: when it
    /// fails (the credentials cannot be written), there is no account.
    ///
    /// # Errors
    /// When another account stands for that company already, and those of `keep`.
    pub fn add_account(
        &mut self,
        name: &str,
        company: (i64, Option<&str>),
        keep: impl FnOnce(&Account) -> Result<()>,
    ) -> Result<Account> {
        let now = self.clock().stamp();
        let (company_id, company_name) = company;
        self.write_durably(|tx| {
            let taken = tx.query_row(&format!("{COLUMNS} WHERE company_id = ?1"), [company_id], account).optional()?;
            if let Some(other) = taken {
                return Err(is_already(&other));
            }
            tx.execute(
                "INSERT INTO accounts (name, company_id, company_name, created_at) VALUES (?1, ?2, ?3, ?4)",
                (name, company_id, company_name, &now),
            )?;
            let added = tx.query_row(&format!("{COLUMNS} WHERE id = ?1"), [tx.last_insert_rowid()], account)?;
            keep(&added)?;
            Ok(added)
        })
    }

    /// The account that stands for a company of the service.
    pub fn account_of_company(&self, company_id: i64) -> Result<Option<Account>> {
        self.read(|conn| {
            Ok(conn.query_row(&format!("{COLUMNS} WHERE company_id = ?1"), [company_id], account).optional()?)
        })
    }

    /// The company that an account stands for, where there is such an account.
    pub fn company_of(&self, id: i64) -> Result<Option<i64>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT company_id FROM accounts WHERE id = ?1")?;
            Ok(statement.query_row([id], |row| row.get(0)).optional()?)
        })
    }

    /// Takes an account away with its rows, runs and state. Its id is not given again.
    pub fn remove_account(&mut self, id: i64) -> Result<()> {
        self.write_durably(|tx| {
            for table in super::tables::of_accounts(tx)? {
                tx.execute(&format!("DELETE FROM {table} WHERE account_id = ?1"), [id])?;
            }
            tx.execute("DELETE FROM accounts WHERE id = ?1", [id])?;
            Ok(())
        })
    }
}

fn is_already(other: &Account) -> anyhow::Error {
    Problem::new(Exit::Failed, format!("company {} is {other} already", other.company_id))
        .hint(format!("to give it another token, run: ficsync account set-token {} --token-file F", other.id))
        .into()
}
