//! The form of a credential file, and how it is read: `{"version":1,"company_id":…,"kind":"manual","token":"…"}`.
//!
//! In: an open file. Out: credentials and the company that they are for. A file that others can read is refused, not mended:
//! its token may be known by now, and the one who opened it should hear of that. What stands in a damaged file is not
//! said, not even the parser's words: they could quote a token.

use super::{Credentials, Oauth, mend};
use crate::clock;
use crate::exit::Exit;
use crate::report::{self, Problem};
use anyhow::Result;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Tokens are some 2 KB; what is longer is no credential file.
const MOST_BYTES: u64 = 64 * 1024;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Stored {
    pub company_id: i64,
    pub credentials: Credentials,
}

#[derive(Serialize, Deserialize)]
struct Form {
    version: u32,
    company_id: i64,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Kind {
    Manual {
        #[serde(with = "plain")]
        token: SecretString,
    },
    Oauth {
        #[serde(with = "plain")]
        access_token: SecretString,
        #[serde(with = "plain")]
        refresh_token: SecretString,
        #[serde(default)]
        granted_at: Option<String>,
        expires_at: String,
        client_id: String,
        #[serde(with = "plain")]
        client_secret: SecretString,
        scopes: Vec<String>,
    },
}

/// Secrets as text: in this file alone.
mod plain {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(secret: &SecretString, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(secret.expose_secret())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
        String::deserialize(from).map(SecretString::from)
    }
}

/// The text of a file.
pub(super) fn text(company_id: i64, credentials: &Credentials) -> Result<String> {
    let kind = match credentials.clone() {
        Credentials::Manual(token) => Kind::Manual { token },
        Credentials::Oauth(oauth) => Kind::Oauth {
            access_token: oauth.access_token,
            refresh_token: oauth.refresh_token,
            granted_at: oauth.granted_at.map(clock::stamp),
            expires_at: clock::stamp(oauth.expires_at),
            client_id: oauth.client_id,
            client_secret: oauth.client_secret,
            scopes: oauth.scopes,
        },
    };
    Ok(serde_json::to_string_pretty(&Form { version: 1, company_id, kind })? + "\n")
}

/// Reads a file that was `opened` at `path`. `None`: there is none.
pub(super) fn read(opened: Result<Option<File>>, path: &Path, account_id: i64) -> Result<Option<Stored>> {
    let unreadable = |why: String, next: String| Problem::new(Exit::Denied, why).hint(next);
    let mut file = match opened {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(error) => {
            let why = format!("could not read the credentials {}", path.display());
            let next = match report::problem(&error).and_then(Problem::next_step) {
                Some(next) => next.to_owned(),
                None => format!("run as the user that owns them, see: ls -l {}", path.display()),
            };
            return Err(error.context(unreadable(why, next)));
        }
    };
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        let why = format!("others can open the credentials {} (mode {mode:04o})", path.display());
        return Err(unreadable(why, format!("run: chmod 600 {}", path.display())).into());
    }
    let mut text = String::new();
    let read = file.by_ref().take(MOST_BYTES).read_to_string(&mut text);
    let stored = read.ok().and_then(|_| serde_json::from_str::<Form>(&text).ok()).and_then(from_form);
    let damaged = || unreadable(format!("the credentials {} are damaged", path.display()), mend(account_id)).into();
    stored.map(Some).ok_or_else(damaged)
}

fn from_form(form: Form) -> Option<Stored> {
    let credentials = match form.kind {
        Kind::Manual { token } => Credentials::Manual(token),
        Kind::Oauth { access_token, refresh_token, granted_at, expires_at, client_id, client_secret, scopes } => {
            Credentials::Oauth(Oauth {
                access_token,
                refresh_token,
                granted_at: granted_at.as_deref().and_then(clock::parse_stamp),
                expires_at: clock::parse_stamp(&expires_at)?,
                client_id,
                client_secret,
                scopes,
            })
        }
    };
    let sound = match &credentials {
        Credentials::Manual(token) => super::input::is_token(token.expose_secret()),
        Credentials::Oauth(o) => super::input::is_token(o.access_token.expose_secret()),
    };
    (form.version == 1 && sound).then_some(Stored { company_id: form.company_id, credentials })
}
