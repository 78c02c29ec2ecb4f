//! Both modes, and everything that is neither.

use proptest::prelude::*;

use super::*;

const UPDATE: &str = "it.fattureincloud.webhooks.entities.clients.update";
const WELCOME: &str = "it.fattureincloud.webhooks.subscriptions.welcome";

fn binary(kind: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("Content-Type", "application/json"),
        ("Ce-Id", "17:abc"),
        ("CE-TYPE", kind),
        ("ce-source", "https://api-v2.fattureincloud.it"),
        ("ce-subject", "company:12"),
        ("ce-time", "2026-11-24T10:00:00+01:00"),
        ("ce-specversion", "1.0"),
    ]
}

fn structured(kind: &str, data: &str) -> String {
    format!(
        r#"{{"id":"17:abc","source":"https://api-v2.fattureincloud.it","specversion":"1.0",
            "type":"{kind}","subject":"company:12","time":"2026-11-24T10:00:00+01:00",
            "datacontenttype":"application/json","data":{data}}}"#
    )
}

fn numbers(ids: &[i64]) -> Vec<RecordId> {
    ids.iter().map(|id| RecordId::Number(*id)).collect()
}

#[test]
fn both_modes_say_the_same() {
    let body = structured(UPDATE, r#"{"ids":[3,1,3]}"#);
    let json = [("Content-Type", "application/json")];
    for message in [
        Message::read(binary(UPDATE), br#"{"data":{"ids":[3,1,3]}}"#),
        Message::read(binary(UPDATE), br#" {"ids":[3,1,3]} "#),
        Message::read(json, body.as_bytes()),
    ] {
        assert_eq!(message.event_id(), Stated::Is("17:abc"));
        assert_eq!(message.subject(), Stated::Is("company:12"));
        let wanted = Notification {
            event_id: Some("17:abc".to_owned()),
            event_type: Some(UPDATE.to_owned()),
            known_type: EventType::parse(UPDATE),
            source: Some("https://api-v2.fattureincloud.it".to_owned()),
            subject: Some("company:12".to_owned()),
            occurred_at: Some("2026-11-24T10:00:00+01:00".to_owned()),
            ids: numbers(&[3, 1]),
            strange: None,
        };
        assert_eq!(message.notification(), wanted);
    }
}

#[test]
fn what_can_be_an_id_is_kept_and_the_rest_left_out() {
    let long = format!(r#"["{}"]"#, "x".repeat(257));
    let none = Some("a record id is neither positive number nor text");
    for (ids, wanted, strange) in [
        ("[9007199254740993]", "[9007199254740993]", None),
        (r#"["a12","12",12,"9223372036854775807"]"#, r#"["a12",12,9223372036854775807]"#, None),
        (r#"["99999999999999999999"]"#, r#"["99999999999999999999"]"#, None),
        ("[]", "[]", Some("no record ids")),
        ("[1,2.5]", "[1]", None),
        ("[1,9223372036854775808]", "[1]", None),
        ("[null,true,[1,[2]],{\"a\":1},4]", "[4]", None),
        (r#"[0,-1,"0","-7",5]"#, "[5]", None),
        (r#"[0,-1,"0","-7"]"#, "[]", none),
        ("[0]", "[]", none),
        ("[2.5]", "[]", none),
        (r#"["","\u001b[2J"]"#, "[]", none),
        (&long, "[]", none),
        ("5", "[]", Some("the record ids are no list")),
        ("{\"1\":2}", "[]", Some("the record ids are no list")),
        ("null", "[]", Some("no record ids")),
    ] {
        let body = format!(r#"{{"data":{{"ids":{ids}}}}}"#);
        let notification = Message::read(binary(UPDATE), body.as_bytes()).notification();
        let kept = serde_json::to_string(&notification.ids).unwrap_or_default();
        assert_eq!(kept, wanted, "{ids}");
        assert_eq!(notification.strange, strange, "{ids}");
    }
}

#[test]
fn the_number_of_ids_is_bounded() {
    let ids: Vec<String> = (1..=100_001).map(|id| id.to_string()).collect();
    let body = format!(r#"{{"data":{{"ids":[{}]}}}}"#, ids.join(","));
    let notification = Message::read(binary(UPDATE), body.as_bytes()).notification();
    assert_eq!(notification.ids.len(), 100_000);
    assert_eq!(notification.strange, Some("too many record ids"));
}

#[test]
fn a_welcome_needs_no_records() {
    let body = structured(WELCOME, "{}");
    for message in [
        Message::read(binary(WELCOME), b""),
        Message::read(binary(WELCOME), b"{\"data\":{}}"),
        Message::read([], body.as_bytes()),
    ] {
        let notification = message.notification();
        assert_eq!(notification.strange, None);
        assert!(notification.known_type.is_some_and(EventType::is_welcome));
    }
}

#[test]
fn strange_messages_are_read_as_far_as_possible() {
    let (no_id, number) = (r#"{"specversion":"1.0"}"#, r#"{"specversion":"1.0","id":7}"#);
    let twice = format!(r#"{{"type":"{UPDATE}","type":"x"}}"#);
    let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(1025));
    let hidden = Stated::Hidden;
    for (headers, body, id, strange) in [
        (binary("it.x.y"), "{}", Stated::Is("17:abc"), "unknown type"),
        (binary(UPDATE), "", Stated::Is("17:abc"), "the body is empty"),
        (binary(UPDATE), "[1]", Stated::Is("17:abc"), "the body is no JSON object"),
        (binary(UPDATE), "{\"data\":", Stated::Is("17:abc"), "the body is no JSON object"),
        (binary(UPDATE), "{\"data\":[[1]]}", Stated::Is("17:abc"), "no record ids"),
        (vec![("ce-type", UPDATE)], "{\"ids\":[1]}", Stated::Missing, "no id of its own"),
        (vec![], "", hidden, "the body is empty"),
        (vec![], "\u{feff}{}", hidden, "the body is no JSON object"),
        (vec![], r#"["1.0","1","t","s","s","t",{"ids":[1]},[1]]"#, hidden, "the body is no JSON object"),
        (vec![], "{}", hidden, "not a CloudEvent"),
        (vec![], "{\"data\":{\"ids\":[1]}}", hidden, "not a CloudEvent"),
        (vec![], no_id, hidden, "no type"),
        (vec![], number, hidden, "no type"),
        (vec![], &twice, hidden, "the body is no JSON object"),
        (vec![], &long, hidden, "no type"),
        (vec![], r#"{"type":"a\u001bb"}"#, hidden, "no type"),
        (vec![], r#"{"type":["a"]}"#, hidden, "no type"),
    ] {
        let message = Message::read(headers, body.as_bytes());
        assert_eq!(message.event_id(), id, "{body}");
        assert_eq!(message.notification().strange, Some(strange), "{body}");
    }
    let invalid = Message::read(binary(UPDATE), b"{\"data\":\"\xff\"}").notification();
    assert_eq!(invalid.strange, Some("the body is no JSON object"));
}

#[test]
fn headers_that_contradict_each_other_count_for_nothing() {
    let mut headers = binary(UPDATE);
    headers.push(("ce-id", "17:abc"));
    let body = br#"{"data":{"ids":[1]}}"#;
    assert_eq!(Message::read(headers.clone(), body).event_id(), Stated::Is("17:abc"));
    headers.push(("ce-id", "18"));
    headers.push(("ce-subject", "company:13"));
    let message = Message::read(headers, body);
    assert_eq!(message.event_id(), Stated::Missing);
    assert_eq!(message.subject(), Stated::Missing);
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
    ];
    let name = prop::sample::select(vec!["id", "type", "specversion", "data", "ids", "subject", "x"]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                serde_json::Value::Object(members.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_json_is_taken_and_each_id_once(body in json(), with_headers in any::<bool>()) {
        let headers = if with_headers { binary(UPDATE) } else { Vec::new() };
        let body = body.to_string();
        let notification = Message::read(headers, body.as_bytes()).notification();
        let unique: std::collections::HashSet<_> = notification.ids.iter().collect();
        prop_assert_eq!(unique.len(), notification.ids.len());
        prop_assert!(notification.strange.is_some() || !notification.ids.is_empty());
    }

    #[test]
    fn arbitrary_bytes_are_taken(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let message = Message::read([], &body);
        prop_assert!(message.notification().strange.is_some());
    }
}
