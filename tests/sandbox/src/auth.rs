//! Tokens, scopes, OAuth clients and codes. In: headers, credentials. Out: who asks, or why not. `oauth.rs`
//! has the two endpoints.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::answer::{self, Refusal, Reply};

/// Seconds that an access token lives, a refresh token lives from its last use, a code lives.
pub(crate) const ACCESS_LIFE: i64 = 24 * 3600;
const REFRESH_LIFE: i64 = 365 * 24 * 3600;
const CODE_LIFE: i64 = 60;

/// What a token may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) companies: Vec<i64>,
    /// `*` stands for all.
    pub(crate) scopes: Vec<String>,
    /// The OAuth client; none for manual tokens.
    pub(crate) client: Option<String>,
}

impl Grant {
    /// Writing includes reading.
    pub(crate) fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == "*" || own.strip_suffix(":r").or(own.strip_suffix(":a")) == Some(scope))
    }

    /// The app that quotas are counted for.
    pub(crate) fn app(&self) -> &str {
        self.client.as_deref().unwrap_or("private")
    }
}

#[derive(Debug)]
struct Held {
    grant: Grant,
    expires: Option<i64>,
    redirect_uri: String,
    /// Of a code: the hash of the secret that must come with it (PKCE, S256).
    challenge: Option<String>,
}

/// Who brings a code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buyer<'a> {
    pub(crate) client: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// The secret of PKCE.
    pub(crate) verifier: Option<&'a str>,
}

/// A pair of tokens.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// All credentials.
#[derive(Debug, Default)]
pub(crate) struct Auth {
    access: BTreeMap<String, Held>,
    refresh: BTreeMap<String, Held>,
    codes: BTreeMap<String, Held>,
    clients: BTreeMap<String, String>,
    serial: u64,
}

impl Auth {
    /// Adds a token that does not expire.
    pub(crate) fn add_manual(&mut self, token: &str, grant: Grant) {
        self.access.insert(token.to_owned(), Held::new(grant, None));
    }

    /// A new name for a token or code; unguessable names would only make failures hard to read.
    pub(crate) fn name(&mut self, kind: char) -> String {
        self.serial += 1;
        format!("{kind}/sandbox{:08x}{:04}", self.serial.wrapping_mul(0x9E37_79B1) & 0xFFFF_FFFF, self.serial)
    }

    pub(crate) fn register_client(&mut self, id: &str, secret: &str) {
        self.clients.insert(id.to_owned(), secret.to_owned());
    }

    pub(crate) fn knows_client(&self, id: &str) -> bool {
        self.clients.contains_key(id)
    }

    pub(crate) fn secret_fits(&self, id: &str, secret: &str) -> bool {
        self.clients.get(id).is_some_and(|known| known == secret)
    }

    pub(crate) fn issue_pair(&mut self, grant: Grant, now: i64) -> Pair {
        let pair = Pair { access: self.name('a'), refresh: self.name('r') };
        let held = |life| Held::new(grant.clone(), Some(now + life));
        self.access.insert(pair.access.clone(), held(ACCESS_LIFE));
        self.refresh.insert(pair.refresh.clone(), held(REFRESH_LIFE));
        pair
    }

    pub(crate) fn issue_code(&mut self, grant: Grant, redirect_uri: &str, challenge: Option<&str>, now: i64) -> String {
        let code = self.name('c');
        let held = Held::new(grant, Some(now + CODE_LIFE));
        let (redirect_uri, challenge) = (redirect_uri.to_owned(), challenge.map(str::to_owned));
        self.codes.insert(code.clone(), Held { redirect_uri, challenge, ..held });
        code
    }

    /// A code buys one pair, once, for the client and the address it was made for, and with the secret of its
    /// challenge where it has one.
    pub(crate) fn redeem(&mut self, code: &str, buyer: &Buyer<'_>, now: i64) -> Option<Pair> {
        let held = self.codes.remove(code)?;
        let fits = held.lives(now)
            && held.grant.client.as_deref() == Some(buyer.client)
            && held.redirect_uri == buyer.redirect_uri
            && held.challenge == buyer.verifier.map(challenge_of);
        fits.then(|| self.issue_pair(held.grant, now))
    }

    /// A refresh token buys one pair; the old one is dead afterwards.
    pub(crate) fn renew(&mut self, refresh: &str, client: &str, now: i64) -> Option<Pair> {
        let held = self.refresh.get(refresh)?;
        if !held.lives(now) || held.grant.client.as_deref() != Some(client) {
            return None;
        }
        let held = self.refresh.remove(refresh)?;
        Some(self.issue_pair(held.grant, now))
    }

    /// Ends tokens that were issued by OAuth.
    pub(crate) fn expire_access_tokens(&mut self) {
        self.access.retain(|_, held| held.expires.is_none());
    }

    pub(crate) fn revoke_refresh_tokens(&mut self) {
        self.refresh.clear();
    }

    /// Ends one token, manual ones too.
    pub(crate) fn expire(&mut self, token: &str) {
        self.access.remove(token);
        self.refresh.remove(token);
    }

    /// Gives a token, and the refresh tokens of its client, other scopes. False when there is no such token.
    pub(crate) fn set_scopes(&mut self, token: &str, scopes: &[String]) -> bool {
        let Some(held) = self.access.get_mut(token) else {
            return false;
        };
        held.grant.scopes = scopes.to_vec();
        let client = held.grant.client.clone();
        for held in self.refresh.values_mut().filter(|held| held.grant.client == client) {
            held.grant.scopes = scopes.to_vec();
        }
        true
    }

    /// Who asks, by the `Authorization` header.
    pub(crate) fn who(&self, header: Option<&str>, now: i64) -> Result<Grant, Refusal> {
        let Some(header) = header else {
            return Err(Refusal::mistake(answer::unauthorized(), "no Authorization header"));
        };
        let Some(token) = header.strip_prefix("Bearer ").filter(|token| token.starts_with("a/")) else {
            return Err(Refusal::mistake(answer::unauthorized(), "Authorization is not `Bearer a/…`"));
        };
        match self.access.get(token) {
            Some(held) if held.lives(now) => Ok(held.grant.clone()),
            Some(_) => Err(Refusal::innocent(expired())),
            None => Err(Refusal::innocent(answer::unauthorized())),
        }
    }
}

fn expired() -> Reply {
    answer::failure(401, "The access token is expired.", "TOKEN_EXPIRED")
}

/// PKCE's S256.
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

impl Held {
    fn new(grant: Grant, expires: Option<i64>) -> Held {
        Held { grant, expires, redirect_uri: String::new(), challenge: None }
    }

    fn lives(&self, now: i64) -> bool {
        self.expires.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant { companies: vec![1], scopes: vec!["entity.clients:r".into()], client: Some("app".into()) }
    }

    #[test]
    fn refresh_tokens_rotate() {
        let mut auth = Auth::default();
        let first = auth.issue_pair(grant(), 0);
        let second = auth.renew(&first.refresh, "app", 10).expect("a pair");
        assert!(auth.renew(&first.refresh, "app", 11).is_none());
        assert!(auth.renew(&second.refresh, "other", 11).is_none());
        assert!(auth.renew(&second.refresh, "app", 11).is_some());
    }

    #[test]
    fn codes_live_a_minute_and_once() {
        let mut auth = Auth::default();
        let buyer = |redirect_uri| Buyer { client: "app", redirect_uri, verifier: None };
        let (here, there) = (buyer("http://x/"), buyer("http://y/"));
        let code = auth.issue_code(grant(), "http://x/", None, 0);
        assert!(auth.redeem(&code, &here, 59).is_some());
        assert!(auth.redeem(&code, &here, 59).is_none());
        let late = auth.issue_code(grant(), "http://x/", None, 0);
        assert!(auth.redeem(&late, &here, 60).is_none());
        let elsewhere = auth.issue_code(grant(), "http://x/", None, 0);
        assert!(auth.redeem(&elsewhere, &there, 1).is_none());
    }

    #[test]
    fn a_code_with_a_challenge_needs_its_secret() {
        let mut auth = Auth::default();
        // The example of RFC 7636.
        let (challenge, secret) =
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let cases = [
            (Some(challenge), Some(secret), true),
            (Some(challenge), Some("another"), false),
            (Some(challenge), None, false),
            (None, Some(secret), false),
        ];
        for (challenge, verifier, fits) in cases {
            let code = auth.issue_code(grant(), "http://x/", challenge, 0);
            let buyer = Buyer { client: "app", redirect_uri: "http://x/", verifier };
            assert_eq!(auth.redeem(&code, &buyer, 1).is_some(), fits, "{challenge:?} {verifier:?}");
        }
    }

    #[test]
    fn access_tokens_live_a_day_and_scopes_match() {
        let mut auth = Auth::default();
        let pair = auth.issue_pair(grant(), 0);
        let header = format!("Bearer {}", pair.access);
        assert!(auth.who(Some(&header), ACCESS_LIFE - 1).is_ok());
        let refused = auth.who(Some(&header), ACCESS_LIFE).expect_err("an expired token");
        assert_eq!((refused.reply.status, refused.violation), (401, None));
        assert!(auth.who(Some("Basic x"), 0).expect_err("no bearer").violation.is_some());
        let grant = grant();
        assert!(grant.allows("entity.clients") && !grant.allows("entity.suppliers"));
    }
}
