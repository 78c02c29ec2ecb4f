//! Subscriptions and notifications of the sandbox, towards a sink that answers what the test says.

use crate::sink::{PATIENCE, SINK, Sink, call, wanted};
use ficsync_sandbox::{COMPANY, Mapping, Outcome, Quirk, Sandbox, Signing};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

/// A sandbox with a verified subscription to all changes of clients and suppliers; its welcome is past.
fn subscribed(seed: u64, sink: &Sink) -> (Sandbox, String) {
    let sandbox = Sandbox::start(seed);
    sandbox.map_sink("https://hooks.example.com", &sink.base);
    let all = ["entities.all.create", "entities.all.update", "entities.all.delete"];
    let (status, made) = call(&sandbox, "POST", "", wanted(SINK, &all));
    assert_eq!(status, 200, "{made}");
    assert!(sandbox.settled(PATIENCE));
    sandbox.deliver(true);
    (sandbox, made["data"]["id"].as_str().expect("an id").to_owned())
}

#[test]
fn a_subscription_is_verified_and_welcomed() {
    let sink = Sink::start();
    let (sandbox, id) = subscribed(1, &sink);
    let (_, shown) = call(&sandbox, "GET", &format!("/{id}"), Value::Null);
    assert_eq!((&shown["data"]["verified"], shown["data"]["types"].as_array().map(Vec::len)), (&json!(true), Some(6)));
    let welcome = &sink.posts()[0];
    assert_eq!(welcome.header("ce-type"), Some("it.fattureincloud.webhooks.subscriptions.welcome"));
    assert_eq!(welcome.header("user-agent"), Some("FattureInCloud/API-WEBHOOK"));
    assert_eq!(welcome.header("connection"), Some("close"));
    let (_, list) = call(&sandbox, "GET", "", Value::Null);
    assert_eq!(list["data"][0]["id"], Value::from(id.clone()));
    assert_eq!(call(&sandbox, "DELETE", &format!("/{id}"), Value::Null).0, 200);
    assert_eq!(call(&sandbox, "GET", &format!("/{id}"), Value::Null).0, 404);
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn changes_are_told_with_a_token_that_verifies() {
    let sink = Sink::start();
    let (sandbox, _) = subscribed(2, &sink);
    let ids = sandbox.create_many(COMPANY, "clients", 3);
    sandbox.update(COMPANY, "clients", ids[1]);
    sandbox.delete(COMPANY, "clients", ids[1]);
    sandbox.create(COMPANY, "invoices");
    assert!(sandbox.settled(PATIENCE));
    let posts = sink.posts().split_off(1);
    let told: Vec<(&str, &Value)> =
        posts.iter().map(|got| (got.header("ce-type").expect("a type"), &got.body["data"]["ids"])).collect();
    let one = json!([ids[1]]);
    assert_eq!(
        told,
        [
            ("it.fattureincloud.webhooks.entities.clients.create", &json!(ids)),
            ("it.fattureincloud.webhooks.entities.clients.update", &one),
            ("it.fattureincloud.webhooks.entities.clients.delete", &one),
        ]
    );
    let token = posts[0].header("authorization").and_then(|value| value.strip_prefix("Bearer ")).expect("a token");
    let mut checks = Validation::new(Algorithm::ES256);
    checks.set_audience(&[SINK]);
    checks.set_issuer(&["https://api-v2.fattureincloud.it"]);
    let key = DecodingKey::from_ec_pem(sandbox.public_key_pem().as_bytes()).expect("a key");
    let claims = decode::<Value>(token, &key, &checks).expect("a right token").claims;
    assert_eq!((claims["jti"].as_str(), claims["sub"].as_str()), (posts[0].header("ce-id"), Some("company:12345")));
    assert_eq!(claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(3 * 3600));
}

#[test]
fn structured_events_are_one_object_and_challenges_may_be_in_the_query() {
    let sink = Sink::start();
    let sandbox = Sandbox::start(3);
    sandbox.map_sink("https://hooks.example.com", &sink.base);
    let mut body = wanted(SINK, &["products.create"]);
    body["data"]["verification_method"] = json!("query");
    body["data"]["config"]["mapping"] = json!("structured");
    assert_eq!(call(&sandbox, "POST", "", body).0, 200);
    assert!(sandbox.settled(PATIENCE));
    sandbox.deliver(true);
    let id = sandbox.create(COMPANY, "products");
    assert!(sandbox.settled(PATIENCE));
    sandbox.quirk(Quirk::JsonContentType);
    sandbox.create(COMPANY, "products");
    assert!(sandbox.settled(PATIENCE));
    let posts = sink.posts();
    assert_eq!(posts[1].header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(posts[1].body["data"]["ids"], json!([id]));
    assert_eq!(posts[1].body["subject"], "company:12345");
    assert_eq!((posts[1].header("ce-id"), posts[2].header("content-type")), (None, Some("application/json")));
}

#[test]
fn what_the_description_does_not_allow_is_refused() {
    let sandbox = Sandbox::start(4);
    let good = || wanted(SINK, &["entities.clients.create"]);
    let with = |field: &str, value: Value| {
        let mut body = good();
        body["data"][field] = value;
        body
    };
    for body in [
        with("sink", json!("http://hooks.example.com/")),
        with("sink", Value::Null),
        with("types", json!([])),
        with("types", json!(["it.fattureincloud.webhooks.entities.create"])),
        with("verification_method", json!("mail")),
        with("config", json!({"mapping": "xml"})),
        with("colour", json!("red")),
        json!({"sink": SINK}),
    ] {
        let before = sandbox.violations().len();
        assert_eq!(call(&sandbox, "POST", "", body.clone()).0, 422, "{body}");
        assert_eq!(sandbox.violations().len(), before + 1, "{body}");
    }
    let before = sandbox.violations().len();
    let (_, first) = call(&sandbox, "POST", "", good());
    let (status, second) = call(&sandbox, "POST", "", wanted(SINK, &["entities.all.create"]));
    assert_eq!(
        (status, &second["data"]["types"]),
        (200, &json!(["it.fattureincloud.webhooks.entities.suppliers.create"]))
    );
    assert!(second["warnings"][0].as_str().is_some_and(|text| text.contains("entities.clients.create")));
    assert_eq!(call(&sandbox, "POST", "", good()).0, 409);
    assert_eq!(first["warnings"], Value::Null);
    assert_eq!(sandbox.violations().len(), before);
}

#[test]
fn five_challenges_ten_minutes_apart_then_the_subscription_is_gone() {
    let sandbox = Sandbox::start(5);
    let (_, made) = call(&sandbox, "POST", "", wanted(SINK, &["products.create"]));
    let id = made["data"]["id"].as_str().expect("an id").to_owned();
    let verify = || call(&sandbox, "POST", &format!("/{id}/verify"), json!({"data": {"id": id}})).0;
    for _ in 2..=5 {
        assert!(sandbox.settled(PATIENCE));
        assert_eq!(sandbox.subscriptions(COMPANY).len(), 1);
        assert_eq!(verify(), 422, "too early");
        sandbox.advance(600);
        assert_eq!(verify(), 200);
    }
    assert!(sandbox.settled(PATIENCE));
    assert_eq!(sandbox.subscriptions(COMPANY), []);
    assert_eq!((sandbox.outcomes(Outcome::Unverified), sandbox.outcomes(Outcome::Unsubscribed)), (4, 1));
}

#[test]
fn a_changed_sink_is_verified_again() {
    let sink = Sink::start();
    let (sandbox, id) = subscribed(6, &sink);
    let nowhere = json!({"data": {"sink": "https://nowhere.example.com/"}});
    let (status, changed) = call(&sandbox, "PUT", &format!("/{id}"), nowhere);
    assert_eq!((status, &changed["data"]["verified"]), (200, &json!(false)));
    assert!(sandbox.settled(PATIENCE));
    assert!(!sandbox.subscriptions(COMPANY)[0].2);
    sandbox.create(COMPANY, "clients");
    assert!(sandbox.settled(PATIENCE));
    assert_eq!(sink.posts().len(), 1, "only the welcome: unverified sinks are told nothing");
    let (_, back) = call(&sandbox, "PUT", &format!("/{id}"), json!({"data": {"sink": SINK}}));
    assert_eq!(back["data"]["types"].as_array().map(Vec::len), Some(6));
    assert!(sandbox.settled(PATIENCE));
    assert!(sandbox.subscriptions(COMPANY)[0].2);
}

#[test]
fn server_errors_are_tried_four_times_and_then_dropped() {
    let sink = Sink::start();
    let (sandbox, _) = subscribed(7, &sink);
    sink.say(503);
    sandbox.create(COMPANY, "clients");
    for attempt in 1..=4 {
        assert!(sandbox.settled(PATIENCE));
        assert_eq!(sink.posts().len(), 1 + attempt);
        sandbox.advance(3_000);
    }
    assert!(sandbox.settled(PATIENCE));
    assert_eq!((sink.posts().len(), sandbox.queued()), (5, 0));
    assert_eq!((sandbox.outcomes(Outcome::Again), sandbox.outcomes(Outcome::Dropped)), (3, 1));
    let ids: Vec<String> = sink.posts()[1..].iter().filter_map(|got| got.header("ce-id").map(str::to_owned)).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(sandbox.subscriptions(COMPANY).len(), 1);
}

#[test]
fn other_errors_drop_the_event_and_in_ten_days_the_subscription() {
    let sink = Sink::start();
    let (sandbox, _) = subscribed(8, &sink);
    let told = |status: u16| {
        sink.say(status);
        sandbox.create(COMPANY, "clients");
        assert!(sandbox.settled(PATIENCE));
        sandbox.deliveries().last().map(|delivery| (delivery.status, delivery.outcome))
    };
    assert_eq!(told(302), Some((302, Outcome::Dropped)));
    sandbox.advance(9 * 24 * 3600);
    assert_eq!(told(404), Some((404, Outcome::Dropped)));
    assert_eq!(told(204), Some((204, Outcome::Done)), "which ends the countdown");
    sandbox.advance(2 * 24 * 3600);
    assert_eq!(told(400), Some((400, Outcome::Dropped)));
    sandbox.advance(10 * 24 * 3600);
    assert_eq!(told(400), Some((400, Outcome::Unsubscribed)));
    assert_eq!(sandbox.subscriptions(COMPANY), []);
}

#[test]
fn gone_ends_a_subscription_at_once() {
    let sink = Sink::start();
    let (sandbox, _) = subscribed(9, &sink);
    sink.say(410);
    sandbox.create(COMPANY, "clients");
    assert!(sandbox.settled(PATIENCE));
    assert_eq!((sandbox.subscriptions(COMPANY).len(), sandbox.queued()), (0, 0));
}

#[test]
fn notifications_come_twice_or_get_lost_or_change_places() {
    let sink = Sink::start();
    let (sandbox, _) = subscribed(10, &sink);
    sandbox.quirk(Quirk::Twins);
    sandbox.create(COMPANY, "clients");
    assert!(sandbox.settled(PATIENCE));
    let posts = sink.posts();
    assert_eq!((posts.len(), posts[1].header("ce-id")), (3, posts[2].header("ce-id")));
    sandbox.clear_quirks();
    sandbox.quirk(Quirk::Loss(2));
    (0..10).for_each(|_| assert!(sandbox.create(COMPANY, "clients") > 0));
    assert!(sandbox.settled(PATIENCE));
    assert_eq!((sink.posts().len(), sandbox.outcomes(Outcome::Lost)), (8, 5));
    sandbox.clear_quirks();
    sandbox.quirk(Quirk::Disorder);
    let ids = sandbox.create_many(COMPANY, "suppliers", 40);
    sandbox.deliver(false);
    let before = sink.posts().len();
    let all: Vec<String> = ids.iter().map(|id| sandbox.notify(COMPANY, "entities.suppliers.update", &[*id])).collect();
    assert!(sandbox.settled(PATIENCE));
    let seen: Vec<String> =
        sink.posts()[before..].iter().filter_map(|got| got.header("ce-id").map(str::to_owned)).collect();
    assert!(seen.len() >= 40 && all.iter().all(|id| seen.contains(id)));
    assert_ne!(seen[seen.len() - 40..], all);
}

#[test]
fn tests_can_make_their_own_notifications_and_tokens() {
    let sandbox = Sandbox::start(11);
    let message = sandbox.notification(SINK, COMPANY, "entities.clients.update", &[1, 2], Mapping::Binary);
    assert_eq!((message.method, message.sink.as_str()), ("POST", SINK));
    assert_eq!(message.body, r#"{"data":{"ids":[1,2]}}"#);
    let mut claims = sandbox.claims(SINK, COMPANY, "event");
    claims["exp"] = json!(1);
    let key = DecodingKey::from_ec_pem(sandbox.public_key_pem().as_bytes()).expect("a key");
    let mut checks = Validation::new(Algorithm::ES256);
    checks.set_audience(&[SINK]);
    assert!(decode::<Value>(sandbox.sign(&claims, Signing::Right), &key, &checks).is_err());
    checks.validate_exp = false;
    assert!(decode::<Value>(sandbox.sign(&claims, Signing::Right), &key, &checks).is_ok());
    assert!(decode::<Value>(sandbox.sign(&claims, Signing::PublicKeyAsSecret), &key, &checks).is_err());
    sandbox.rotate_key();
    assert!(decode::<Value>(sandbox.sign(&claims, Signing::Right), &key, &checks).is_err());
}

#[test]
fn a_sandbox_in_a_process_of_its_own_is_told_over_http() {
    let (sandbox, sink) = (Sandbox::start(12), Sink::start());
    let control = |method: &str, path: &str, body: Value| {
        let agent = crate::client::agent();
        let url = format!("{}/_sandbox/{path}", sandbox.url());
        let answer = if method == "GET" { agent.get(&url).call() } else { agent.post(&url).send(body.to_string()) };
        let text = answer.expect("an answer").body_mut().read_to_string().expect("a body");
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    control("POST", "map_sink", json!({"prefix": "https://hooks.example.com", "base": sink.base}));
    assert_eq!(call(&sandbox, "POST", "", wanted(SINK, &["products.stock_update"])).0, 200);
    assert!(sandbox.settled(PATIENCE));
    let told = control("POST", "notify", json!({"company": COMPANY, "type": "products.stock_update", "ids": [4, 5]}));
    assert!(sandbox.settled(PATIENCE));
    let attempts = control("GET", "deliveries", Value::Null);
    let last = &attempts["deliveries"][2];
    assert_eq!((&last["event_id"], &last["ids"], &last["outcome"]), (&told["id"], &json!([4, 5]), &json!("Done")));
    assert_eq!(control("GET", "public_key", Value::Null)["pem"], sandbox.public_key_pem());
}
