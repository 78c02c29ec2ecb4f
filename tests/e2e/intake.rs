//! The listener's rules: who gets in, what is answered, what is kept.

use crate::env::Env;
use crate::hook::{self, Hook, id_of, news, sink, status, wire};
use ficsync_sandbox::{COMPANY, Mapping, Message, Signing};
use serde_json::{Value, json};
use std::time::Duration;

/// Events in the table.
fn stored(env: &Env) -> i64 {
    env.value("SELECT count(*) FROM events")
}

/// A notification with another bearer token.
fn with_token(message: &Message, token: Option<&str>) -> Message {
    let mut changed = message.clone();
    changed.headers.retain(|(name, _)| name != "Authorization");
    if let Some(token) = token {
        changed.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
    }
    changed
}

fn with_header(message: &Message, name: &str, value: &str) -> Message {
    let mut changed = message.clone();
    changed.headers.retain(|(found, _)| found != name);
    changed.headers.push((name.to_owned(), value.to_owned()));
    changed
}

/// The claims of a right token for a message, one of them changed (null: taken away).
fn claims(env: &Env, message: &Message, name: &str, value: Value) -> Value {
    let mut claims = env.fic.claims(&message.sink, COMPANY, &id_of(message));
    match value {
        Value::Null => {
            claims.as_object_mut().expect("claims").remove(name);
        }
        value => claims[name] = value,
    }
    claims
}

/// The message under a rightly signed token with one claim changed.
fn signed(env: &Env, name: &str, value: Value) -> Message {
    let message = news(env, 7);
    let token = env.fic.sign(&claims(env, &message, name, value), Signing::Right);
    with_token(&message, Some(&token))
}

fn badly(env: &Env, how: Signing) -> Message {
    let message = news(env, 7);
    let token = env.fic.sign(&env.fic.claims(&message.sink, COMPANY, &id_of(&message)), how);
    with_token(&message, Some(&token))
}

#[test]
fn what_is_rightly_signed_is_stored_once_and_answered_202() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    for mapping in [Mapping::Binary, Mapping::Structured] {
        let message = env.fic.notification(&sink(1, "entity"), COMPANY, "entities.clients.update", &[7, 8], mapping);
        let answer = hook.ask(&wire(&message));
        assert_eq!(status(&answer), 202, "{answer}");
        assert_eq!(hook.send(&message), 202, "a twin");
    }
    assert_eq!(stored(&env), 2);
    let (account, group, kind, ids): (i64, String, String, String) = env
        .open()
        .query_row("SELECT account_id, event_group, type, resource_ids FROM events LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .expect("a row");
    assert_eq!((account, group.as_str(), ids.as_str()), (1, "entity", "[7,8]"));
    assert_eq!(kind, "it.fattureincloud.webhooks.entities.clients.update");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE occurred_at LIKE '20__-%T%' AND event_id <> ''"), 2);
    hook.stop(0);
}

#[test]
fn nothing_gets_in_but_what_the_service_has_signed_for_us() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let now = jiff::Timestamp::now().as_second();
    let (right, other) = (news(&env, 7), sink(2, "entity"));
    let cases: Vec<(&str, Message, u16)> = vec![
        ("no token", with_token(&right, None), 401),
        ("another scheme", with_header(&right, "Authorization", "Basic YTpi"), 401),
        ("no JWT", with_token(&right, Some("abc")), 401),
        ("two parts", with_token(&right, Some("a.b")), 401),
        ("parts that are no JSON", with_token(&right, Some(&format!("YQ.YQ.{}", "A".repeat(86)))), 401),
        ("alg none", badly(&env, Signing::Unsigned), 401),
        ("HS256 with the public key", badly(&env, Signing::PublicKeyAsSecret), 401),
        ("claims swapped under a signature", badly(&env, Signing::ClaimsSwapped), 401),
        ("a key that nobody knows", badly(&env, Signing::OtherKey), 503),
        ("a damaged signature", badly(&env, Signing::Damaged), 503),
        ("expired", signed(&env, "exp", json!(now - 60)), 503),
        ("from the future", signed(&env, "iat", json!(now + 900)), 503),
        ("another issuer", signed(&env, "iss", json!("https://api.example.com")), 403),
        ("another audience", signed(&env, "aud", json!(["https://example.com/x"])), 403),
        ("the other account's audience", signed(&env, "aud", json!([other])), 403),
        ("another company", signed(&env, "sub", json!("company:99")), 403),
        ("another event's jti", signed(&env, "jti", json!("other")), 403),
        ("no jti", signed(&env, "jti", Value::Null), 401),
        ("no sub", signed(&env, "sub", Value::Null), 401),
        ("no exp", signed(&env, "exp", Value::Null), 401),
        ("no aud", signed(&env, "aud", Value::Null), 401),
        ("no iss", signed(&env, "iss", Value::Null), 401),
        ("exp that is no number", signed(&env, "exp", json!("soon")), 401),
        ("ce-subject of another company", with_header(&right, "ce-subject", "company:99"), 403),
        ("another ce-id", with_header(&right, "ce-id", "other"), 403),
        ("no ce-subject", without(&right, "ce-subject"), 403),
        ("no ce-id", without(&right, "ce-id"), 403),
        ("two tokens", twice(&right), 401),
    ];
    for (what, message, wanted) in cases {
        let answer = hook.ask(&wire(&message));
        assert_eq!(status(&answer), wanted, "{what}: {answer}");
        assert_eq!(answer.contains("Retry-After: "), wanted == 503, "{what}: {answer}");
        assert_eq!(stored(&env), 0, "{what}");
    }
    let log = hook.log();
    for cause in ["the signature does not fit the webhook public key", "the token has expired", "from the future"] {
        let said = log.lines().filter(|line| line.starts_with("error: ") && line.contains(cause)).count();
        assert_eq!(said, 1, "{cause:?} is an error, said once:\n{log}");
    }
    assert_eq!(hook.send(&right), 202, "the right one still gets in");
    hook.stop(0);
}

fn without(message: &Message, name: &str) -> Message {
    let mut changed = message.clone();
    changed.headers.retain(|(found, _)| found != name);
    changed
}

fn twice(message: &Message) -> Message {
    let mut changed = message.clone();
    changed.headers.push(("Authorization".to_owned(), "Bearer a.b.c".to_owned()));
    changed
}

#[test]
fn a_path_is_one_account_and_one_group() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    // an account that was added a moment ago counts at once
    env.fic.add_company(77, "Bianchi");
    let token = env.dir.path().join("bianchi.txt");
    std::fs::write(&token, env.fic.issue_token(&[77], &[])).expect("token file");
    env.run(&format!("account add --name Bianchi --token-file {}", token.display())).exit(0);
    let theirs = env.fic.notification(&sink(2, "entity"), 77, "entities.clients.update", &[1], Mapping::Binary);
    for (path, wanted) in [
        ("/api/webhooks/fic/1/entity", 403),
        ("/api/webhooks/fic/2/products", 403),
        ("/api/webhooks/fic/3/entity", 404),
        ("/api/webhooks/fic/2/entities", 404),
        ("/api/webhooks/fic/2/../2/entity", 404),
        ("/api/webhooks/fic/2/entity/x", 404),
        ("/api/webhooks/fic/02/entity", 404),
        ("//api/webhooks/fic/2/entity", 404),
        ("/api/webhooks/fic/2/entit%79", 404),
        ("/", 404),
        ("/metrics/x", 404),
    ] {
        let text = String::from_utf8(wire(&theirs)).expect("text").replacen("/api/webhooks/fic/2/entity", path, 1);
        let answer = hook.ask(text.as_bytes());
        assert_eq!((status(&answer), stored(&env)), (wanted, 0), "{path}: {answer}");
    }
    for method in ["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"] {
        let text = String::from_utf8(wire(&theirs)).expect("text").replacen("POST", method, 1);
        let answer = hook.ask(text.as_bytes());
        assert_eq!((status(&answer), stored(&env)), (405, 0), "{method}: {answer}");
    }
    assert_eq!(hook.send(&theirs), 202);
    let (answer, gone) = (hook.get("/api/webhooks/fic/9/entity"), hook.get("/api/webhooks/fic/1/entity"));
    assert_eq!((status(&answer), status(&gone)), (404, 401));
    // An account that comes while it listens is known, though nobody has signed for it yet: doctor looks at the answer.
    env.open()
        .execute_batch("INSERT INTO accounts (id, name, company_id, created_at) SELECT 9, 'New', 99, created_at FROM accounts LIMIT 1")
        .expect("an account");
    assert_eq!(status(&hook.get("/healthz")), 200);
    assert_eq!(status(&hook.get("/api/webhooks/fic/9/entity")), 401);
    hook.stop(0);
}

#[test]
fn content_is_never_refused() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let message = |group: &str, kind: &str| env.fic.notification(&sink(1, group), COMPANY, kind, &[5], Mapping::Binary);
    let body = |body: &str| Message { body: body.to_owned(), ..news(&env, 7) };
    let reasons = [
        (message("entity", "entities.dragons.hatch"), "unknown type"),
        (message("products", "products.all.update"), "unknown type"),
        (body(""), "the body is empty"),
        (body("{"), "the body is no JSON object"),
        (body("\u{e8}\u{0}"), "the body is no JSON object"),
        (body(r#"{"data":{"ids":"7"}}"#), "the record ids are no list"),
        (body(r#"{"data":{"ids":[]}}"#), "no record ids"),
        (without(&news(&env, 7), "ce-type"), "no type"),
    ];
    let count = reasons.len() as i64;
    for (message, reason) in &reasons {
        assert_eq!(hook.send(message), 202, "{reason}");
        let sql = format!("SELECT status || ': ' || reason FROM events WHERE event_id = '{}'", id_of(message));
        assert_eq!(env.value::<String>(&sql), format!("ignored: {reason}"));
    }
    assert_eq!(hook.send(&message("products", "entities.clients.update")), 202, "a type of another group");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE status <> 'ignored'"), 1);
    // what hides its id is known by its token's
    let hidden = Message { body: "not JSON".to_owned(), ..strip(&news(&env, 7)) };
    assert_eq!((hook.send(&hidden), hook.send(&hidden)), (202, 202));
    assert_eq!(stored(&env), count + 2);
    let big = body(&format!(r#"{{"data":{{"ids":[1]}},"x":"{}"}}"#, "x".repeat((1 << 20) - 40)));
    assert_eq!(hook.send(&big), 202, "just under 1 MiB");
    hook.stop(0);
}

#[test]
fn what_need_not_be_there_or_may_be_ignored_costs_no_event() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    assert_eq!(hook.send(&signed(&env, "iat", Value::Null)), 202, "no iat");
    let upgrades = with_header(&with_header(&news(&env, 8), "Upgrade", "h2c"), "HTTP2-Settings", "AAMAAABkAAQAAP__");
    assert_eq!(hook.send(&upgrades), 202, "an upgrade that is not taken up");
    let request = String::from_utf8(wire(&with_header(&news(&env, 9), "Upgrade", "websocket"))).expect("text");
    let request = request.replace("Connection: close", "Connection: Upgrade, close");
    let answer = hook.ask(request.as_bytes());
    assert_eq!(status(&answer), 202, "{answer}");
    assert_eq!(stored(&env), 3);
    hook.stop(0);
}

#[test]
fn the_ids_that_can_be_read_are_worked_on() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 20);
    env.run("sync clients").exit(0);
    let ids = env.fic.ids(COMPANY, "clients");
    ids[..3].iter().for_each(|id| env.fic.update(COMPANY, "clients", *id));
    env.fic.clear_journal();
    let hook = Hook::start(&env);
    let told = |list: &str| {
        let message = Message { body: format!(r#"{{"data":{{"ids":[{list}]}}}}"#), ..news(&env, 7) };
        assert_eq!(hook.send(&message), 202, "{list}");
        let fate = format!("SELECT status FROM events WHERE event_id = '{}'", id_of(&message));
        let (begun, mut now) = (std::time::Instant::now(), String::new());
        while !["done", "ignored"].contains(&now.as_str()) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{list}: {now}");
            std::thread::sleep(Duration::from_millis(10));
            now = env.value(&fate);
        }
        now
    };
    assert_eq!(told(&format!(r#"null, "{}", {}, 0, -4, 2.5, "-9", {{}}"#, ids[0], ids[1])), "done");
    assert_eq!(told(&format!(r#""{}""#, ids[2])), "done");
    for none in ["0", "-4", r#"0, -1, "0""#, "2.5, null"] {
        assert_eq!(told(none), "ignored", "{none}");
    }
    hook.stop(0);
    env.same_as_service("clients");
    let strange = |path: &str| path.ends_with("/0") || path.contains("/-");
    assert!(!env.fic.journal().iter().any(|request| strange(&request.path)), "{:?}", env.fic.journal());
    env.nothing_forbidden();
}

/// Without any of the headers that tell of the event.
fn strip(message: &Message) -> Message {
    let mut changed = message.clone();
    changed.headers.retain(|(name, _)| !name.starts_with("ce-"));
    changed
}

#[test]
fn hostile_http_is_turned_away_and_honest_clients_go_on() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let honest = String::from_utf8(wire(&news(&env, 7))).expect("text");
    let (head, body) = honest.split_once("\r\n\r\n").expect("head and body");
    let length = format!("Content-Length: {}", body.len());
    let instead = |header: &str, body: &str| format!("{}\r\n\r\n{body}", head.replace(&length, header));
    let huge = "x".repeat(10 << 20);
    for (what, request, wanted) in [
        ("10 MB of body", instead("Content-Length: 10485760", &huge), 413),
        ("1 GB announced", instead("Content-Length: 1073741824", "x"), 413),
        ("no number as length", instead("Content-Length: 99999999999999999999999999", "x"), 413),
        ("two lengths", instead("Content-Length: 5\r\nContent-Length: 50", body), 400),
        ("length and chunked", instead("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400),
        ("chunked beyond the limit", instead("Transfer-Encoding: chunked", &format!("200000\r\n{huge}")), 413),
        ("bad chunks", instead("Transfer-Encoding: chunked", "zz\r\n"), 400),
        ("100 KB of headers", instead(&format!("X-A: {}", "y".repeat(100_000)), ""), 431),
        ("200 headers", instead(&"X-A: b\r\n".repeat(200), ""), 431),
        ("invalid HTTP", "HELO example\r\n\r\n".to_owned(), 400),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 505),
        ("a bare line feed", honest.replacen("\r\n", "\n", 1), 400),
    ] {
        let answer = hook.ask(request.as_bytes());
        assert_eq!((status(&answer), stored(&env)), (wanted, 0), "{what}: {answer}");
    }
    let mut invalid = b"POST /api/webhooks/fic/1/entity HTTP/1.1\r\nHost: a\r\nX-A: \xff\xfe\r\n".to_vec();
    invalid.extend_from_slice(b"Content-Length: 0\r\nConnection: close\r\n\r\n");
    let answer = status(&hook.ask(&invalid));
    assert!((400..500).contains(&answer), "invalid UTF-8 in a header: {answer}");
    assert_eq!(stored(&env), 0);
    let chunks =
        format!("{:x}\r\n{}\r\n1\r\n{}\r\n0\r\n\r\n", body.len() - 1, &body[..body.len() - 1], &body[body.len() - 1..]);
    assert_eq!(status(&hook.ask(instead("Transfer-Encoding: chunked", &chunks).as_bytes())), 202, "honest chunks");
    let pipelined = format!("{}GARBAGE\r\n\r\n", honest.replace("Connection: close\r\n", ""));
    let answer = hook.ask(pipelined.as_bytes());
    assert!(status(&answer) == 202 && answer.matches("HTTP/1.1 ").count() == 2, "garbage behind a request: {answer}");
    assert_eq!(stored(&env), 1, "the same event");
    hook.stop(0);
}

#[test]
fn a_token_for_no_known_sink_is_put_off_not_refused() {
    let env = Env::with_account();
    let hook = Hook::of(hook::command(&env).env_remove("FICSYNC_PUBLIC_URL"));
    let message = news(&env, 7);
    assert_eq!((hook.send(&message), stored(&env)), (503, 0));
    assert!(hook.log().contains("no sink is known for this account and group"), "{}", hook.log());
    // a subscription that is written down makes its sink known at once, and only for its group
    subscribe(&env, &message.sink, "entity");
    assert_eq!((hook.send(&message), stored(&env)), (202, 1));
    let other = env.fic.notification(&sink(1, "products"), COMPANY, "products.update", &[1], Mapping::Binary);
    assert_eq!((hook.send(&other), stored(&env)), (503, 1));
    hook.stop(0);
}

fn subscribe(env: &Env, sink: &str, group: &str) {
    let sql = "INSERT INTO subscriptions (account_id, sink, event_group, types, verified, by_hand, sink_by_hand,
               attempts, created_at) VALUES (1, ?1, ?2, '[]', 0, 0, 0, 1, '2026-01-01T00:00:00Z')";
    env.open().execute(sql, (sink, group)).expect("a subscription");
}

#[test]
fn challenges_are_answered_to_the_service_and_welcome_verifies() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let target = "/api/webhooks/fic/1/entity";
    let ask = |target: &str, headers: &str| {
        hook.ask(format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n").as_bytes())
    };
    let challenge = "x-fic-verification-challenge: abc\"d\r\n";
    assert_eq!(status(&ask(target, challenge)), 401, "no token, and no subscription that waits");
    let token = |how, sub: &str| {
        let mut claims = env.fic.claims(&sink(1, "entity"), COMPANY, "verify-1");
        claims["sub"] = sub.into();
        format!("Authorization: Bearer {}\r\n", env.fic.sign(&claims, how))
    };
    let ours = format!("company:{COMPANY}");
    let right = token(Signing::Right, &ours);
    let answer = ask(target, &format!("{challenge}{right}"));
    assert!(status(&answer) == 200 && answer.ends_with(r#"{"verification":"abc\"d"}"#), "{answer}");
    let by_query = ask(&format!("{target}?x-fic-verification-challenge=q%20r"), &right);
    assert!(by_query.ends_with(r#"{"verification":"q r"}"#), "{by_query}");
    for (how, sub, wanted) in
        [(Signing::Right, "company:9", 403), (Signing::OtherKey, ours.as_str(), 503), (Signing::Unsigned, &ours, 401)]
    {
        assert_eq!(status(&ask(target, &format!("{challenge}{}", token(how, sub)))), wanted, "{how:?} {sub}");
    }
    assert_eq!(status(&ask(target, &right)), 400, "a token without a challenge");
    subscribe(&env, &sink(1, "entity"), "entity");
    for _ in 0..30 {
        assert_eq!(status(&ask(target, challenge)), 200, "no token, while the subscription waits");
    }
    assert_eq!(status(&ask("/api/webhooks/fic/1/products", challenge)), 401, "another group's does not");
    let welcome = env.fic.notification(&sink(1, "entity"), COMPANY, "subscriptions.welcome", &[], Mapping::Structured);
    assert_eq!(hook.send(&welcome), 202);
    assert_eq!(env.value::<i64>("SELECT verified FROM subscriptions"), 1);
    assert_eq!(env.value::<String>("SELECT status FROM events"), "ignored");
    assert_eq!(status(&ask(target, challenge)), 401, "no token, and verified");
    let log = hook.stopped();
    assert_eq!(log.matches("the service's challenge for entity is answered").count(), 2, "{log}");
    assert_eq!(log.matches("a challenge for entity without a token is answered").count(), 1, "{log}");
}

#[test]
fn the_service_subscribes_verifies_and_delivers() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    env.fic.map_sink(hook::PUBLIC, &format!("http://{}", hook.address));
    env.fic.deliver(true);
    let types = ["entities.clients.create", "entities.clients.update", "entities.clients.delete"];
    let types: Vec<String> = types.iter().map(|kind| format!("it.fattureincloud.webhooks.{kind}")).collect();
    let body = json!({"data": {"sink": sink(1, "entity"), "types": types, "verification_method": "header",
                               "config": {"mapping": "binary"}}});
    let url = format!("{}/c/{COMPANY}/subscriptions", env.fic.url());
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let answer = agent.post(&url).header("Authorization", format!("Bearer {}", ficsync_sandbox::TOKEN));
    answer.content_type("application/json").send(body.to_string().as_str()).expect("the sandbox subscribes");
    let patience = Duration::from_secs(10);
    assert!(env.fic.settled(patience));
    env.fic.populate(COMPANY, "clients", 3);
    for id in env.fic.ids(COMPANY, "clients") {
        env.fic.update(COMPANY, "clients", id);
    }
    assert!(env.fic.settled(patience));
    let deliveries = env.fic.deliveries();
    assert!(deliveries.iter().all(|delivery| matches!(delivery.status, 200 | 202)), "{deliveries:#?}");
    let told = deliveries.iter().filter(|delivery| !delivery.event_id.is_empty()).count();
    assert!(told >= 4, "{deliveries:#?}");
    assert_eq!(stored(&env), told as i64);
    hook.stop(0);
}

#[test]
fn health_and_metrics_are_told() {
    let env = Env::with_account();
    env.run("sync clients").exit(0);
    let hook = Hook::start(&env);
    let answer = hook.get("/healthz");
    assert!(status(&answer) == 200 && answer.contains(r#""status":"ok""#), "{answer}");
    assert!(answer.contains("Server: ficsync"), "{answer}");
    assert_eq!(hook.send(&news(&env, 7)), 202);
    assert_eq!(hook.send(&badly(&env, Signing::OtherKey)), 503);
    let metrics = hook.get("/metrics");
    for line in [
        r#"ficsync_webhook_events_total{kind="entities.clients",action="update",outcome="pending"} 1"#,
        r#"ficsync_webhook_refused_total{status="503",reason="the signature does not fit the webhook public key"} 1"#,
        "ficsync_webhook_seconds_count 2",
        "ficsync_gate_relayed_total ",
        r#"ficsync_gate_refused_total{reason="slow"} 0"#,
        r#"ficsync_last_success_timestamp_seconds{account="1",resource="clients"} 1"#,
        r#"ficsync_quota_remaining{account="1",window="month"} "#,
        "ficsync_database_readable 1",
    ] {
        assert!(metrics.lines().any(|found| found.starts_with(line)), "{line:?} is missing in\n{metrics}");
    }
    assert_eq!(
        status(&hook.ask(b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")),
        405
    );
    hook.stop(0);
}

#[test]
fn wrong_settings_end_the_start_and_say_which() {
    let env = Env::with_account();
    let run = |name: &str, value: &str| {
        let output = hook::command(&env).env(name, value).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, stderr) = run("FICSYNC_WEBHOOK_PUBLIC_KEY", "nonsense");
    assert!(code == Some(78) && stderr.contains("webhook_public_key"), "{stderr}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let (code, stderr) = run("FICSYNC_LISTEN", &address);
    assert!(code == Some(1) && stderr.contains(&address) && stderr.contains("--listen"), "{stderr}");
}
