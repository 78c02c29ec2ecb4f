//! Tokens, right and hostile. The keys were made for these tests and guard nothing.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::*;

const OURS: &str = include_str!("testdata/p256.private.pem");
const OURS_PUBLIC: &str = include_str!("testdata/p256.public.pem");
const OTHER: &str = include_str!("testdata/p256-other.private.pem");
const P384: &str = include_str!("testdata/p384.private.pem");
const P384_PUBLIC: &str = include_str!("testdata/p384.public.pem");

const NOW: i64 = 1_800_000_000;
const SINK: &str = "https://example.org/api/webhooks/fic/1/entity";

fn verifier() -> Verifier {
    Verifier::new(OURS_PUBLIC.as_bytes(), SERVICE_ISSUER).unwrap()
}

fn claims() -> Value {
    json!({
        "jti": "17:abc", "iss": SERVICE_ISSUER, "exp": NOW + 3 * 3600, "sub": "company:12",
        "aud": [SINK], "iat": NOW - 5, "aid": 7
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut all = claims();
    match value {
        Value::Null => drop(all.as_object_mut().unwrap().remove(name)),
        value => all[name] = value,
    }
    all
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn sign_with(header: &Value, claims: &Value, algorithm: Algorithm, key: &EncodingKey) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    // Another hand than the one that verifies.
    let signer = (crypto::rust_crypto::DEFAULT_PROVIDER.signer_factory)(&algorithm, key).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signer.sign(signed.as_bytes())))
}

fn sign(claims: &Value, key: &str) -> String {
    let key = EncodingKey::from_ec_pem(key.as_bytes()).unwrap();
    sign_with(&json!({"alg": "ES256", "typ": "JWT"}), claims, Algorithm::ES256, &key)
}

fn signed_with_header(header: &Value) -> String {
    let key = EncodingKey::from_ec_pem(OURS.as_bytes()).unwrap();
    sign_with(header, &claims(), Algorithm::ES256, &key)
}

/// What is made of a token by an account with one sink, for the message 17:abc of company 12.
fn judge(token: &str) -> Verdict {
    let sinks = [SINK.to_owned()];
    verifier().verify(Some(token), &expected(&sinks))
}

fn expected(sinks: &[String]) -> Expected<'_> {
    Expected { company_id: 12, sinks, event_id: Stated::Is("17:abc"), subject: Stated::Is("company:12"), now: NOW }
}

fn status(verdict: &Verdict) -> u16 {
    match verdict {
        Verdict::Valid(_) => 200,
        Verdict::Refused { status, .. } => *status,
        Verdict::Unsure { .. } => 503,
    }
}

#[test]
fn a_right_token_is_valid() {
    let wanted = Verdict::Valid(Claims {
        event_id: Some("17:abc".to_owned()),
        subject: "company:12".to_owned(),
        sinks: vec![SINK.to_owned()],
    });
    for token in [
        sign(&claims(), OURS),
        sign(&with("aud", json!(SINK)), OURS),
        sign(&with("aud", json!(["https://else", SINK])), OURS),
        sign(&with("aid", Value::Null), OURS),
        sign(&with("aid", json!("x")), OURS),
        sign(&with("iat", Value::Null), OURS),
        sign(&with("nbf", json!(NOW + 999)), OURS),
        sign(&with("exp", json!(NOW - 29)), OURS),
        sign(&with("exp", json!(NOW as f64 + 0.5)), OURS),
        sign(&with("iat", json!(NOW + 300)), OURS),
        signed_with_header(&json!({"alg": "ES256", "kid": "x", "jwk": {"kty": "EC"}, "x5u": "https://x"})),
        signed_with_header(&json!({"alg": "ES256", "typ": "other"})),
    ] {
        assert_eq!(judge(&token), wanted, "{token}");
    }
}

#[test]
fn the_claims_must_be_there_and_of_their_type() {
    for name in ["jti", "iss", "exp", "sub", "aud", "iat"] {
        let wrong = [
            // iat need not be there, but where it is, it is a time
            if name == "iat" { json!(false) } else { Value::Null },
            json!({}),
            json!(true),
            json!([1]),
            json!(""),
            if name == "exp" || name == "iat" { json!((NOW + 60).to_string()) } else { json!(1) },
        ];
        for value in wrong {
            let token = sign(&with(name, value.clone()), OURS);
            // an empty audience is of its type, but not us
            let wanted = if name == "aud" && value == json!("") { 403 } else { 401 };
            assert_eq!(status(&judge(&token)), wanted, "{name}: {value}");
        }
    }
}

#[test]
fn claims_for_another_are_refused_by_who_says_so() {
    for (name, value) in [
        ("iss", json!("https://api-v2.fattureincloud.it/")),
        ("iss", json!("https://evil.example")),
        ("aud", json!([])),
        ("aud", json!("https://example.org/api/webhooks/fic/1/taxes")),
        ("aud", json!([format!("{SINK}/")])),
        ("sub", json!("company:13")),
        ("sub", json!("12")),
        ("sub", json!("company:12 ")),
        ("sub", json!("company:\u{661}\u{662}")),
        ("jti", json!("17:abd")),
        ("jti", json!("17:ABC")),
    ] {
        let claims = with(name, value);
        assert_eq!(status(&judge(&sign(&claims, OURS))), 403, "{claims}");
        assert_eq!(status(&judge(&sign(&claims, OTHER))), 401, "{claims}");
    }
}

#[test]
fn hostile_tokens_are_refused() {
    let (header, payload) = (json!({"alg": "ES256"}), part(&claims()));
    let right = sign(&claims(), OURS);
    let (signed, signature) = right.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let encode = |bytes: &[u8]| format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
    let hmac = EncodingKey::from_secret(OURS_PUBLIC.as_bytes());
    let p384 = EncodingKey::from_ec_pem(P384.as_bytes()).unwrap();
    let none = part(&json!({"alg": "none"}));
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "token".to_owned(),
        "\u{e8}.\u{e8}.\u{e8}".to_owned(),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        sign_with(&json!({"alg": "HS256"}), &claims(), Algorithm::HS256, &hmac),
        sign_with(&header, &claims(), Algorithm::HS256, &hmac),
        sign_with(&json!({"alg": "ES384"}), &claims(), Algorithm::ES384, &p384),
        sign_with(&header, &claims(), Algorithm::ES384, &p384),
        signed_with_header(&json!({"alg": "es256"})),
        signed_with_header(&json!({"alg": "ES256 "})),
        signed_with_header(&json!({"alg": ["ES256"]})),
        signed_with_header(&json!({"typ": "JWT"})),
        signed_with_header(&json!(["ES256"])),
        signed_with_header(&json!({"alg": "ES256", "crit": ["b64"], "b64": false})),
        format!("{right}.x"),
        format!("{right}."),
        format!(".{right}"),
        format!("{right}="),
        format!("{right}=="),
        format!("{right} "),
        format!("{signed}="),
        right.replace('.', ".."),
        format!("{}=.{payload}.{signature}", part(&header)),
        format!("{}.{payload}=.{signature}", part(&header)),
        format!("{signed}."),
        encode(&raw[..63]),
        encode(&[&raw[..], &[0]].concat()),
        encode(&der(&raw)),
        sign(&json!([1]), OURS),
        sign(&json!("text"), OURS),
        sign(&with("x", json!("y".repeat(9000))), OURS),
    ] {
        assert_eq!(status(&judge(&token)), 401, "{token}");
    }
    let refused = verifier().verify(None, &expected(&[SINK.to_owned()]));
    assert_eq!(refused, Verdict::Refused { status: 401, reason: "no token" });
}

/// The other way to write down an ECDSA signature, which JWTs do not use.
fn der(raw: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| [&[2, 33, 0], bytes].concat();
    let both = [integer(&raw[..32]), integer(&raw[32..])].concat();
    [&[0x30, both.len() as u8], &both[..]].concat()
}

#[test]
fn what_our_own_key_clock_or_settings_may_have_spoilt_is_put_off() {
    let sinks = [SINK.to_owned()];
    let (ours, expired) = (sign(&claims(), OURS), with("exp", json!(NOW - 30)));
    let ahead = with("iat", json!(NOW + 301));
    let zeros = format!("{}.{}", ours.rsplit_once('.').unwrap().0, "A".repeat(86));
    for (token, sinks, cause) in [
        (sign(&claims(), OTHER), &sinks[..], "signature"),
        (zeros, &sinks, "signature"),
        (sign(&expired, OURS), &sinks, "expired"),
        (sign(&with("exp", json!(-1)), OURS), &sinks, "expired"),
        (sign(&ahead, OURS), &sinks, "from the future"),
        (sign(&with("iat", json!(1e300)), OURS), &sinks, "from the future"),
        (ours, &[], "no sink is known"),
        // more than one of them
        (sign(&expired, OTHER), &sinks, "signature"),
        (sign(&ahead, OURS), &[], "from the future"),
        (sign(&expired, OTHER), &[], "signature"),
    ] {
        match verifier().verify(Some(&token), &expected(sinks)) {
            Verdict::Unsure { reason } => assert!(reason.contains(cause), "{reason}"),
            other => panic!("{other:?} instead of {cause}"),
        }
    }
}

#[test]
fn putting_off_needs_everything_else_to_be_right() {
    let spoilt = [
        ("iss", json!("https://evil.example")),
        ("sub", json!("company:13")),
        ("jti", json!("18")),
        ("aud", json!(["https://evil.example"])),
    ];
    for (name, value) in spoilt {
        let mut claims = with(name, value);
        claims["exp"] = json!(NOW - 3600);
        assert_eq!(status(&judge(&sign(&claims, OURS))), 403, "{claims}");
        assert_eq!(status(&judge(&sign(&claims, OTHER))), 401, "{claims}");
        if name != "aud" {
            let verdict = verifier().verify(Some(&sign(&claims, OURS)), &expected(&[]));
            assert_eq!(status(&verdict), 403, "{claims}");
        }
    }
}

#[test]
fn what_the_message_says_must_agree() {
    let sinks = [SINK.to_owned()];
    let (token, no_jti) = (sign(&claims(), OURS), sign(&with("jti", Value::Null), OURS));
    let right = expected(&sinks);
    for (token, event_id, subject, wanted) in [
        (&token, Stated::Hidden, Stated::Hidden, 200),
        (&token, Stated::NotAsked, Stated::Hidden, 200),
        (&token, Stated::Missing, right.subject, 403),
        (&token, right.event_id, Stated::Missing, 403),
        (&token, right.event_id, Stated::Is("company:13"), 403),
        (&token, right.event_id, Stated::Is(""), 403),
        (&token, Stated::Is(""), right.subject, 403),
        (&no_jti, Stated::NotAsked, Stated::Hidden, 200),
        (&no_jti, Stated::Hidden, Stated::Hidden, 401),
        (&no_jti, Stated::Missing, Stated::Hidden, 401),
        (&no_jti, right.event_id, right.subject, 401),
    ] {
        let expected = Expected { event_id, subject, ..right };
        let verdict = verifier().verify(Some(token), &expected);
        assert_eq!(status(&verdict), wanted, "{event_id:?} {subject:?}");
    }
}

#[test]
fn one_changed_byte_breaks_the_signature() {
    let token = sign(&claims(), OURS);
    let end = token.rfind('.').unwrap();
    for at in end + 1..token.len() - 1 {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(status(&judge(&changed)), 503, "byte {at}");
    }
}

#[test]
fn bearer_tokens_are_found() {
    for (header, wanted) in [
        ("Bearer abc", Some("abc")),
        (" bearer   abc ", Some("abc")),
        ("BEARER a b", Some("a b")),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic abc", None),
        ("Bearerabc", None),
        ("", None),
    ] {
        assert_eq!(bearer(header), wanted, "{header:?}");
    }
}

#[test]
fn keys_are_taken_as_pem_base64_or_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let encoded = STANDARD.encode(OURS_PUBLIC);
    let broken = format!("{}\n{}\n", &encoded[..76], &encoded[76..]);
    for setting in [
        OURS_PUBLIC.to_owned(),
        format!("\n{OURS_PUBLIC}\n"),
        encoded.clone(),
        encoded.trim_end_matches('=').to_owned(),
        broken.clone(),
        file("a.pem", OURS_PUBLIC),
        file("b.base64", &broken),
        format!(" {} ", file("c.pem", OURS_PUBLIC)),
    ] {
        let pem = key_from_setting(&setting).unwrap();
        let verifier = Verifier::new(&pem, SERVICE_ISSUER).unwrap();
        let sinks = [SINK.to_owned()];
        let verdict = verifier.verify(Some(&sign(&claims(), OURS)), &expected(&sinks));
        assert_eq!(status(&verdict), 200, "{setting}");
    }
    assert!(key_from_setting(SERVICE_KEY).and_then(|pem| Verifier::new(&pem, SERVICE_ISSUER)).is_ok());
    for (setting, wrong) in [
        ("/nowhere/key.pem".to_owned(), "nor a readable file"),
        (STANDARD.encode("hello"), "nor a readable file"),
        (String::new(), "nor a readable file"),
        (file("text", "hello"), "holds neither"),
        (file("large", &"x".repeat(70_000)), "too large"),
        (folder.path().display().to_string(), "could not read"),
    ] {
        let error = format!("{:#}", key_from_setting(&setting).unwrap_err());
        assert!(error.contains(wrong), "{setting}: {error}");
    }
}

#[test]
fn keys_of_another_kind_are_refused() {
    for pem in [OURS, P384, P384_PUBLIC, "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
        assert!(Verifier::new(pem.as_bytes(), SERVICE_ISSUER).is_err(), "{pem}");
    }
    // A point that does not lie on the curve, and one of which only a coordinate is given.
    let body: String = OURS_PUBLIC.lines().filter(|line| !line.starts_with('-')).collect();
    let mut der = STANDARD.decode(body).unwrap();
    assert!(Verifier::new(&pem_of(&der), SERVICE_ISSUER).is_ok(), "as it is");
    *der.last_mut().unwrap() ^= 1;
    assert!(Verifier::new(&pem_of(&der), SERVICE_ISSUER).is_err(), "not on the curve");
    let compressed = "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACKbTjnSSNMaESX7DRJqgYj9iwweqH6KXCu0Ix77W78+4=";
    let compressed = pem_of(&STANDARD.decode(compressed).unwrap());
    assert!(Verifier::new(&compressed, SERVICE_ISSUER).is_err(), "compressed");
}

fn pem_of(der: &[u8]) -> Vec<u8> {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")).into_bytes()
}
