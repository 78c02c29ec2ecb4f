//! The authorization code flow: `/oauth/authorize`, as if the person had agreed at once, and `/oauth/token`.
//! In: a request. Out: an answer. Tokens themselves live in `auth.rs`.

use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded;

use crate::answer::{self, Refusal, Reply};
use crate::auth::{ACCESS_LIFE, Buyer, Grant, Pair};
use crate::http::Incoming;
use crate::quirks::Quirk;
use crate::state::State;

fn invalid(description: &str) -> Refusal {
    Refusal::mistake(answer::oauth(400, "invalid_request", description), description)
}

/// Redirects to the app with a code and its state.
pub(crate) fn authorize(state: &mut State, request: &Incoming) -> Result<Reply, Refusal> {
    const KNOWN: [&str; 7] =
        ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"];
    let given = |name: &str| request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if let Some((key, _)) = request.query.iter().find(|(key, _)| !KNOWN.contains(&key.as_str())) {
        return Err(invalid(&format!("unknown parameter {key}")));
    }
    if given("response_type") != Some("code") {
        return Err(invalid("response_type must be code"));
    }
    let Some(client) = given("client_id").filter(|id| state.auth.knows_client(id)) else {
        return Err(Refusal::innocent(answer::oauth(401, "invalid_client", "Client authentication failed")));
    };
    let redirect = given("redirect_uri").unwrap_or_default();
    let mut target = Url::parse(redirect).map_err(|_| invalid("redirect_uri is no URL"))?;
    let scopes: Vec<String> = given("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err(invalid("scope is empty"));
    }
    let challenge = given("code_challenge");
    if challenge.is_some() && given("code_challenge_method") != Some("S256") {
        return Err(invalid("code_challenge_method must be S256"));
    }
    // A service that knows no PKCE passes it over.
    let challenge = challenge.filter(|_| !state.quirks.contains(&Quirk::NoPkce));
    if state.quirks.contains(&Quirk::DenyConsent) {
        target.query_pairs_mut().append_pair("error", "access_denied");
    } else {
        let companies = state.companies.keys().copied().collect();
        let grant = Grant { companies, scopes, client: Some(client.to_owned()) };
        let code = state.auth.issue_code(grant, redirect, challenge, state.clock.seconds());
        target.query_pairs_mut().append_pair("code", &code);
    }
    if let Some(value) = given("state") {
        target.query_pairs_mut().append_pair("state", value);
    }
    Ok(Reply::new(302, "text/html", String::new()).with("Location", target))
}

/// Sells tokens for codes and refresh tokens.
pub(crate) fn token(state: &mut State, request: &Incoming) -> Result<Reply, Refusal> {
    let body = body(request)?;
    let field = |name: &str| {
        body.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    let need = |name: &str| field(name).ok_or_else(|| invalid(&format!("The {name} field is required.")));
    let (client, secret) = (need("client_id")?, need("client_secret")?);
    if !state.auth.secret_fits(&client, &secret) {
        let refused = answer::oauth(401, "invalid_client", "Client authentication failed");
        return Err(Refusal::innocent(refused));
    }
    let now = state.clock.seconds();
    let pair = match need("grant_type")?.as_str() {
        "authorization_code" => {
            let (code, redirect_uri) = (need("code")?, need("redirect_uri")?);
            let verifier = field("code_verifier").filter(|_| !state.quirks.contains(&Quirk::NoPkce));
            let buyer = Buyer { client: &client, redirect_uri: &redirect_uri, verifier: verifier.as_deref() };
            state.auth.redeem(&code, &buyer, now)
        }
        "refresh_token" => state.auth.renew(&need("refresh_token")?, &client, now),
        _ => {
            let refused = answer::oauth(400, "unsupported_grant_type", "The grant type is not supported.");
            return Err(Refusal::mistake(refused, "unknown grant_type"));
        }
    };
    pair.map(|pair| sold(&pair)).ok_or_else(|| {
        Refusal::innocent(answer::oauth(401, "invalid_grant", "The code or refresh token is invalid or expired."))
    })
}

fn sold(pair: &Pair) -> Reply {
    let body = json!({
        "token_type": "bearer", "access_token": pair.access, "refresh_token": pair.refresh, "expires_in": ACCESS_LIFE,
    });
    Reply::json(200, &body)
}

/// JSON as documented, or a form.
fn body(request: &Incoming) -> Result<Vec<(String, String)>, Refusal> {
    let kind = request.header("content-type").unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(form_urlencoded::parse(request.body.as_bytes()).into_owned().collect());
    }
    if !kind.starts_with("application/json") {
        return Err(invalid("Content-Type is neither JSON nor a form"));
    }
    match serde_json::from_str(&request.body) {
        Ok(Value::Object(map)) => {
            Ok(map.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect())
        }
        _ => Err(invalid("the body is no JSON object")),
    }
}
