//! Who may speak: checks the service's signature over a webhook request.
//!
//! In: the bearer token, what the message says of itself, and what we know of ourselves. Out: a
//! [`Verdict`]. It looks nothing up, knows no HTTP but the status to answer with, and neither
//! logs the token nor puts it into an error.
//!
//! The service drops an event for good on a 4xx, so a third verdict stands between yes and no:
//! a token that is right in everything, except in what a wrong setting or a wrong clock of
//! *ours* would also spoil, is [`Verdict::Unsure`] (503), and the service sends it again.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};

use token::Token;

mod es256;
mod token;

/// The service's own public key, as its documentation gives it: the base64 of a PEM.
pub const SERVICE_KEY: &str = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFL1JvSElqZ1k3aGZYZlk1cC9KeStLL0ZndU1aNAozVHZaOXQ0ZU43K2t4UTBNSnpLdG93djRDY1lURnFyQm03aE1CNVpXS25xTHoyNEQ2bFFqU0wwWXN3PT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg==";

/// The issuer that the service's tokens name.
pub const SERVICE_ISSUER: &str = "https://api-v2.fattureincloud.it";

/// How long after its end a token is still taken: clocks differ by some seconds.
const EXPIRY_LEEWAY: i64 = 30;
/// How far ahead of our clock a token may have been issued, before it is the clock that is wrong.
const ISSUED_AHEAD: i64 = 5 * 60;
/// A key file larger than this is another file.
const KEY_FILE_BYTES: u64 = 64 << 10;

/// What a message says about itself, to be compared with the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated<'a> {
    /// It says this: the token must say the same.
    Is(&'a str),
    /// It should say it and does not: that is refused.
    Missing,
    /// It is too strange to be read: what the token says stands for it.
    Hidden,
    /// It has nothing to say here, and neither need the token have.
    NotAsked,
}

/// What a token must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The company of the account that the path names.
    pub company_id: i64,
    /// The known sinks of that account and group.
    pub sinks: &'a [String],
    /// The message's id; [`Stated::NotAsked`] for the challenge.
    pub event_id: Stated<'a>,
    /// The message's subject.
    pub subject: Stated<'a>,
    /// Now, in seconds since 1970.
    pub now: i64,
}

/// What a valid token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The event's id. Only a challenge's token may lack it.
    pub event_id: Option<String>,
    /// `company:<id>`.
    pub subject: String,
    /// Those of the token's audience that are known sinks.
    pub sinks: Vec<String>,
}

/// Whether a request is the service's, and for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Valid(Claims),
    /// It is not: answered with this status, and nothing is stored.
    Refused {
        /// 401: not known to be the service's. 403: the service's, but not for us.
        status: u16,
        /// Why, for the log.
        reason: &'static str,
    },
    /// It may be: answered with 503, stored nowhere, and said in the log as an error.
    Unsure {
        /// The likely cause.
        reason: &'static str,
    },
}

impl Verdict {
    fn unauthentic(reason: &'static str) -> Verdict {
        Verdict::Refused { status: 401, reason }
    }
}

/// A token of the right form, whose signature was checked, whatever came out.
#[derive(Debug)]
pub struct Checked<'a> {
    token: Token<'a>,
    authentic: bool,
}

/// Checks tokens against one key and one issuer.
#[derive(Clone)]
pub struct Verifier {
    key: DecodingKey,
    issuer: String,
}

impl Verifier {
    /// A verifier for this public key (PEM, P-256) and issuer.
    pub fn new(pem: &[u8], issuer: &str) -> Result<Verifier> {
        let wrong = "the webhook key is not the PEM of a P-256 public key (uncompressed, as openssl writes it)";
        let key = DecodingKey::from_ec_pem(pem).map_err(|_| anyhow!(wrong))?;
        // a key of another curve would be noticed only when it is used
        ensure!(es256::is_usable(&key), wrong);
        es256::install();
        let issuer = issuer.to_owned();
        Ok(Verifier { key, issuer })
    }

    /// Judges a bearer token: its signature, then whether it is for us.
    pub fn verify(&self, bearer: Option<&str>, expected: &Expected<'_>) -> Verdict {
        match self.check(bearer) {
            Ok(checked) => self.judge(checked, expected),
            Err(verdict) => verdict,
        }
    }

    /// Checks form and signature, for which nothing need be looked up.
    ///
    /// # Errors
    /// The refusal of what is not a token of the service's form. What a signature that
    /// does not fit means is [`Verifier::judge`]'s to say.
    pub fn check<'t>(&self, bearer: Option<&'t str>) -> Result<Checked<'t>, Verdict> {
        let bearer = bearer.ok_or(Verdict::unauthentic("no token"))?;
        let token = Token::read(bearer).map_err(Verdict::unauthentic)?;
        let authentic = crypto::verify(token.signature, token.signed, &self.key, Algorithm::ES256).unwrap_or(false);
        Ok(Checked { token, authentic })
    }

    /// Judges a token whose signature was checked.
    pub fn judge(&self, checked: Checked<'_>, expected: &Expected<'_>) -> Verdict {
        let Checked { token, authentic } = checked;
        if token.event_id.is_none() && expected.event_id != Stated::NotAsked {
            return Verdict::unauthentic("the token has no jti");
        }
        if let Err(reason) = self.fits(&token, expected) {
            let status = if authentic { 403 } else { 401 };
            return Verdict::Refused { status, reason };
        }
        // from here on only what our own key, clock and settings may have spoilt
        if let Some(reason) = doubt(&token, expected, authentic) {
            return Verdict::Unsure { reason };
        }
        let Token { event_id, subject, mut audience, .. } = token;
        audience.retain(|sink| expected.sinks.contains(sink));
        Verdict::Valid(Claims { event_id, subject, sinks: audience })
    }

    /// Whether the claims are for us and for this message.
    fn fits(&self, token: &Token<'_>, expected: &Expected<'_>) -> Result<(), &'static str> {
        let checks = [
            (token.issuer == self.issuer, "another issuer"),
            (token.subject == format!("company:{}", expected.company_id), "another company"),
            (agrees(expected.subject, Some(&token.subject)), "the token's company is not the event's"),
            (agrees(expected.event_id, token.event_id.as_deref()), "the token is another event's"),
            (
                expected.sinks.is_empty() || token.audience.iter().any(|sink| expected.sinks.contains(sink)),
                "another sink",
            ),
        ];
        let failed = checks.into_iter().find(|(holds, _)| !holds);
        failed.map_or(Ok(()), |(_, reason)| Err(reason))
    }
}

fn agrees(stated: Stated<'_>, claim: Option<&str>) -> bool {
    match stated {
        Stated::Is(text) => claim == Some(text),
        Stated::Missing => false,
        Stated::Hidden | Stated::NotAsked => true,
    }
}

/// Why a token that fits in everything else cannot be trusted.
fn doubt(token: &Token<'_>, expected: &Expected<'_>, authentic: bool) -> Option<&'static str> {
    if !authentic {
        Some("the signature does not fit the webhook public key")
    } else if expected.now >= token.expires.saturating_add(EXPIRY_LEEWAY) {
        Some("the token has expired: is this machine's clock right?")
    } else if token.issued.is_some_and(|issued| issued > expected.now.saturating_add(ISSUED_AHEAD)) {
        Some("the token is from the future: is this machine's clock right?")
    } else if expected.sinks.is_empty() {
        Some("no sink is known for this account and group: is the public URL set?")
    } else {
        None
    }
}

/// The token in an `Authorization` header.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The key (as PEM) that a setting gives: a PEM, the base64 of a PEM, or the path of a file
/// that holds either.
pub fn key_from_setting(text: &str) -> Result<Vec<u8>> {
    if let Some(pem) = pem_in(text) {
        return Ok(pem);
    }
    let path = Path::new(text.trim());
    let size = std::fs::metadata(path)
        .with_context(|| {
            let shown: String = text.trim().chars().take(60).collect();
            format!("{shown:?} is neither a PEM, nor the base64 of a PEM, nor a readable file")
        })?
        .len();
    ensure!(size <= KEY_FILE_BYTES, "{} is too large for a key", path.display());
    let text =
        std::fs::read_to_string(path).with_context(|| format!("could not read the key in {}", path.display()))?;
    match pem_in(&text) {
        Some(pem) => Ok(pem),
        None => bail!("{} holds neither a PEM nor the base64 of one", path.display()),
    }
}

fn pem_in(text: &str) -> Option<Vec<u8>> {
    let is_pem = |bytes: &[u8]| bytes.trim_ascii().starts_with(b"-----BEGIN ");
    if is_pem(text.as_bytes()) {
        return Some(text.trim().as_bytes().to_vec());
    }
    // base64(1) breaks its lines
    let joined: String = text.split_whitespace().collect();
    let decoded = STANDARD.decode(&joined).or_else(|_| STANDARD_NO_PAD.decode(&joined));
    decoded.ok().filter(|bytes| is_pem(bytes))
}

#[cfg(test)]
mod tests;
