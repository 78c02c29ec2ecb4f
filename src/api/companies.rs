//! The companies that a token can see.
//!
//! In: nothing. Out: ids and names, those of an accountant's clients too. The answer also holds access tokens
//! (documentation, "List User Companies"): they are not read.

use super::{Api, ApiError};
use serde::Deserialize;

/// A company that a token can see.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Company {
    /// Its id, the `company_id` of all paths.
    pub id: i64,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(flatten)]
    company: Company,
    #[serde(rename = "type")]
    kind: Option<String>,
    controlled_companies: Option<Vec<Listed>>,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    companies: Option<Vec<Listed>>,
}

impl Api {
    /// The companies that the token can see. An accountant's own entry has no data of its own: its clients stand for it.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn companies(&self) -> Result<Vec<Company>, ApiError> {
        self.get("/user/companies", &[], |answer| {
            let answer: Answer =
                serde_json::from_str(&answer.body).map_err(|e| format!("not a list of companies ({e})"))?;
            Ok(flat(answer.data.companies.unwrap_or_default()))
        })
    }
}

fn flat(listed: Vec<Listed>) -> Vec<Company> {
    let mut companies = Vec::new();
    for entry in listed {
        if entry.kind.as_deref() != Some("accountant") {
            companies.push(entry.company);
        }
        companies.extend(flat(entry.controlled_companies.unwrap_or_default()));
    }
    companies.sort_by_key(|c| c.id);
    companies.dedup_by_key(|c| c.id);
    companies
}
