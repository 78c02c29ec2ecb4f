//! A token's form: three parts, and claims of the right types.
//!
//! In: the text of a JWT. Out: its claims and the parts that the signature is about. Nothing
//! here is trusted or compared; a token that is not well-formed cannot be the service's,
//! whatever our key or clock, so it is refused at once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Real tokens have about 600 bytes.
const LONGEST: usize = 8 << 10;
/// Two numbers of 32 bytes: what ES256 signatures are.
const SIGNATURE_BYTES: usize = 64;

/// A well-formed token.
#[derive(Debug)]
pub(super) struct Token<'a> {
    /// Header and payload as sent.
    pub(super) signed: &'a [u8],
    /// The signature as sent.
    pub(super) signature: &'a str,
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) audience: Vec<String>,
    pub(super) event_id: Option<String>,
    pub(super) expires: i64,
    /// No claim that must be there.
    pub(super) issued: Option<i64>,
}

impl<'a> Token<'a> {
    /// Takes a token apart, or says what is wrong with it.
    pub(super) fn read(text: &'a str) -> Result<Token<'a>, &'static str> {
        if text.len() > LONGEST {
            return Err("the token is too long");
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("the token has not three parts");
        };
        let signature_bytes = URL_SAFE_NO_PAD.decode(signature);
        if signature_bytes.map_or(0, |bytes| bytes.len()) != SIGNATURE_BYTES {
            return Err("the token's signature is not one of ES256");
        }
        check_header(&object(header).ok_or("the token's header is no JSON")?)?;
        let claims = object(payload).ok_or("the token's payload is no JSON")?;
        Ok(Token {
            signed: &text.as_bytes()[..header.len() + 1 + payload.len()],
            signature,
            issuer: text_of(&claims, "iss").ok_or("the token has no iss")?,
            subject: text_of(&claims, "sub").ok_or("the token has no sub")?,
            audience: audience(&claims).ok_or("the token has no aud")?,
            event_id: text_of(&claims, "jti"),
            expires: seconds(&claims, "exp").ok_or("the token has no exp")?,
            issued: match claims.get("iat") {
                None | Some(Value::Null) => None,
                Some(_) => Some(seconds(&claims, "iat").ok_or("the token's iat is no time")?),
            },
        })
    }
}

/// ES256 and nothing that changes the meaning of the rest. Keys in the header (`jwk`, `kid`,
/// `x5u`) are not looked at: the key is ours to choose.
fn check_header(header: &Map<String, Value>) -> Result<(), &'static str> {
    if header.get("alg").and_then(Value::as_str) != Some("ES256") {
        return Err("the token's algorithm is not ES256");
    }
    match header.contains_key("crit") {
        true => Err("the token has an extension that must be understood"),
        false => Ok(()),
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

/// A text that says something.
fn text_of(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let text = claims.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text, or a list of texts.
fn audience(claims: &Map<String, Value>) -> Option<Vec<String>> {
    match claims.get("aud")? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => all.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// A time in seconds. The standard allows a fraction; it is cut off.
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let number = claims.get(name)?.as_number()?;
    number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))
}
