//! OAuth 2.0, authorization code: the address that a person opens, and the two requests that bring tokens.
//!
//! In: the app, a code or a refresh token. Out: [`Granted`]. The token endpoint counts against no quota and takes no
//! token. Keeps nothing: see `tokens` and `credentials`.

use super::pkce::Pkce;
use super::transport::{Answer, Request};
use super::{ApiError, Fault, Transport, delays, error, stopped};
use crate::clock::Clock;
use crate::shutdown::Shutdown;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

const TOKEN_PATH: &str = "/oauth/token";
/// An access token's life where the answer does not say: 24 hours (documentation, "Authentication"), less one to be
/// safe.
const DEFAULT_LIFE: i64 = 23 * 3_600;

/// The app that a person registered with the service.
#[derive(Debug, Clone, Copy)]
pub struct App<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its secret.
    pub secret: &'a SecretString,
}

/// What tokens are asked for with.
#[derive(Debug, Clone, Copy)]
pub enum Grant<'a> {
    /// The code that the browser brought, the redirect address that it was sent to, and the secret of its challenge.
    Code(&'a SecretString, &'a str, &'a Pkce),
    /// A refresh token.
    Refresh(&'a SecretString),
}

/// Tokens.
#[derive(Debug)]
pub struct Granted {
    /// The new access token.
    pub access_token: SecretString,
    /// The refresh token that replaces the one sent, where there is one.
    pub refresh_token: Option<SecretString>,
    /// Seconds that the access token lives.
    pub expires_in: i64,
}

/// How the requests are made.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The connections to the service.
    pub transport: Transport,
    /// The wish to stop.
    pub shutdown: Shutdown,
    /// The time.
    pub clock: Clock,
}

#[derive(Deserialize)]
struct Body {
    access_token: SecretText,
    refresh_token: Option<SecretText>,
    expires_in: Option<i64>,
}

/// A text that cannot be printed by accident.
#[derive(Deserialize)]
#[serde(from = "String")]
struct SecretText(SecretString);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// The address that a person opens to allow the app in. Only who holds the secret of `pkce` can use the code.
pub fn authorize_url(
    base: &Url,
    client_id: &str,
    redirect: &str,
    scopes: &[String],
    state: &str,
    pkce: &Pkce,
) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect)
        .append_pair("scope", &scopes.join(" "))
        .append_pair("state", state)
        .append_pair("code_challenge", &pkce.challenge())
        .append_pair("code_challenge_method", "S256")
        .finish();
    format!("{}/oauth/authorize?{}", base.as_str().trim_end_matches('/'), query.replace('+', "%20"))
}

impl Endpoint {
    /// Asks for tokens. A broken connection or a 5xx is tried again; an answer that did not come in time is not, since
    /// the refresh token may be spent by then.
    ///
    /// # Errors
    /// [`ApiError::Auth`] when code, refresh token or app are refused for good; the passing kinds otherwise.
    pub fn ask(&self, app: App<'_>, grant: Grant<'_>) -> Result<Granted, ApiError> {
        let request = Request::post(TOKEN_PATH, body(app, grant));
        let secrets = match grant {
            Grant::Code(code, _, pkce) => vec![code, pkce.verifier(), app.secret],
            Grant::Refresh(token) => vec![token, app.secret],
        };
        let mut delays = delays(super::MOST_RETRIES);
        loop {
            let (failure, fault) = match self.transport.send_without_token(&request) {
                Ok(answer) if answer.status < 500 => return self.judge(&answer.without(&secrets)),
                Ok(answer) => {
                    let message = error::message(&answer.without(&secrets).body);
                    (format!("the service failed to give a token, several times: {message}"), Fault::Other)
                }
                Err(failed) => failed,
            };
            let Some(delay) = delays.next().filter(|_| fault != Fault::Timeout) else {
                return Err(ApiError::Transient(failure));
            };
            log::debug!("{failure}; trying again in {} ms", delay.as_millis());
            if !self.shutdown.sleep(delay) {
                return Err(stopped());
            }
        }
    }

    fn judge(&self, answer: &Answer) -> Result<Granted, ApiError> {
        if let Some((until, reason)) = answer.told(self.clock.now()).blocked {
            return Err(ApiError::Quota { until, reason });
        }
        let message = || error::message(&answer.body);
        match answer.status {
            200..=299 => read(&answer.body),
            400 | 401 | 403 => Err(ApiError::Auth(message())),
            status => Err(ApiError::Rejected { status, message: message() }),
        }
    }
}

fn body(app: App<'_>, grant: Grant<'_>) -> String {
    let (id, secret) = (app.id, app.secret.expose_secret());
    let body = match grant {
        Grant::Code(code, redirect, pkce) => json!({
            "grant_type": "authorization_code", "client_id": id, "client_secret": secret,
            "redirect_uri": redirect, "code": code.expose_secret(),
            "code_verifier": pkce.verifier().expose_secret(),
        }),
        Grant::Refresh(token) => json!({
            "grant_type": "refresh_token", "client_id": id, "client_secret": secret,
            "refresh_token": token.expose_secret(),
        }),
    };
    body.to_string()
}

/// Reads the tokens. What the parser says of a body that cannot be read could quote one: it is not passed on.
fn read(body: &str) -> Result<Granted, ApiError> {
    let malformed = || ApiError::Malformed("it should hold tokens, but does not".to_owned());
    let body: Body = serde_json::from_str(body).map_err(|_| malformed())?;
    let usable = |token: &SecretString| {
        let token = token.expose_secret();
        !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())
    };
    let (access_token, refresh_token) = (body.access_token.0, body.refresh_token.map(|t| t.0));
    if !usable(&access_token) || refresh_token.as_ref().is_some_and(|t| !usable(t)) {
        return Err(malformed());
    }
    let expires_in = body.expires_in.filter(|s| *s > 0).unwrap_or(DEFAULT_LIFE);
    Ok(Granted { access_token, refresh_token, expires_in })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_asks_for_a_code_with_all_scopes() {
        let base = Url::parse("https://api.example/").expect("base");
        let scopes = ["entity.clients:r".to_owned(), "x:r".to_owned()];
        assert_eq!(
            authorize_url(&base, "id", "http://127.0.0.1:8788/callback", &scopes, "st", &Pkce::new(&[0; 32])),
            "https://api.example/oauth/authorize?response_type=code&client_id=id\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A8788%2Fcallback&scope=entity.clients%3Ar%20x%3Ar&state=st\
             &code_challenge=DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo&code_challenge_method=S256"
        );
    }

    #[test]
    fn tokens_are_read_and_a_strange_answer_is_not_quoted() {
        let granted = read(r#"{"token_type":"bearer","access_token":"a/1","refresh_token":"r/1","expires_in":60}"#);
        let granted = granted.expect("tokens");
        assert_eq!((granted.access_token.expose_secret(), granted.expires_in), ("a/1", 60));
        assert!(!format!("{granted:?}").contains("a/1"));
        assert_eq!(read(r#"{"access_token":"a/1"}"#).expect("without").expires_in, DEFAULT_LIFE);
        for bad in ["", r#"{"access_token":7}"#, r#""a/visible""#, r#"{"access_token":"a/visible\n"}"#] {
            let error = read(bad).expect_err(bad).to_string();
            assert!(!error.contains("visible"), "{error}");
        }
    }
}
