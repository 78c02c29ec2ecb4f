//! Answers in every order, and stamps of clocks that were wrong.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn now() -> Timestamp {
    at("2026-03-01T10:20:00Z")
}

fn left(hourly: i64) -> Told {
    Told { hourly_remaining: Some(hourly), monthly_remaining: Some(hourly + 30_000), ..Told::default() }
}

fn refused(until: &str) -> Told {
    Told { blocked: Some((at(until), "quota".to_owned())), ..Told::default() }
}

fn begin(known: &Quota) -> Begun {
    Begun { answers: known.answers, blocks: known.blocks }
}

/// When the block ends, as it is told at `now`.
fn until(known: &Quota) -> Option<String> {
    block(known, now()).map(|block| clock::stamp(block.until))
}

#[test]
fn a_late_answer_lifts_no_block_and_one_that_was_asked_afterwards_does() {
    let mut known = Quota::default();
    let late = begin(&known);
    known = after(known, begin(&Quota::default()), &refused("2026-03-01T11:00:00Z"), now());
    known = after(known, late, &left(900), now());
    assert_eq!(until(&known).as_deref(), Some("2026-03-01T11:00:00Z"), "asked before the block");
    known = after(known, late, &refused("2026-03-01T10:21:00Z"), now());
    assert_eq!(until(&known).as_deref(), Some("2026-03-01T11:00:00Z"), "a shorter one, asked before it");
    known = after(known, late, &refused("2026-03-01T12:00:00Z"), now());
    assert_eq!(until(&known).as_deref(), Some("2026-03-01T12:00:00Z"), "a longer one counts whenever it comes");
    let asked_after = begin(&known);
    known = after(known, asked_after, &refused("2026-03-01T10:30:00Z"), now());
    assert_eq!(until(&known).as_deref(), Some("2026-03-01T10:30:00Z"), "asked afterwards: the newest word");
    known = after(known, asked_after, &left(900), now());
    assert!(until(&known).is_some(), "that word is newer than this request");
    let asked_after = begin(&known);
    known = after(known, asked_after, &left(900), now());
    assert_eq!((until(&known), &known.blocked_at), (None, &None));
}

#[test]
fn an_older_answer_leaves_the_numbers_of_a_newer_one() {
    let mut known = Quota::default();
    let slow = begin(&known);
    known = after(known.clone(), slow, &left(900), now());
    let next = begin(&known);
    known = after(known, next, &left(800), now());
    known = after(known, slow, &left(901), now());
    assert_eq!(known.hourly_remaining, Some(800), "it began before the newer one began");
    known = after(known, next, &left(801), now());
    assert_eq!(known.hourly_remaining, Some(800), "they overlapped: the smaller number was counted last");
    known = after(known, next, &left(799), now());
    assert_eq!((known.hourly_remaining, known.monthly_remaining), (Some(799), Some(30_799)));
    known = after(known, next, &left(999), at("2026-03-01T11:00:00Z"));
    assert_eq!(known.hourly_remaining, Some(999), "another hour");
    let alone = begin(&known);
    known = after(known, alone, &left(1_000), at("2026-03-01T11:00:01Z"));
    assert_eq!(known.hourly_remaining, Some(1_000), "nobody else was answered meanwhile");
    known = after(known.clone(), begin(&known), &Told::default(), at("2026-03-01T11:00:09Z"));
    assert_eq!((known.hourly_remaining, known.seen_at.as_deref()), (Some(1_000), Some("2026-03-01T11:00:01Z")));
}

#[test]
fn numbers_that_a_clock_far_ahead_noted_stand_in_nobodys_way() {
    let told_at = |when: &str| Quota {
        hourly_remaining: Some(3),
        seen_at: Some(when.to_owned()),
        answers: 9,
        numbers_of: 9,
        ..Quota::default()
    };
    let early = Begun { answers: 2, blocks: 0 };
    assert_eq!(after(told_at("2026-03-01T10:19:59Z"), early, &left(900), now()).hourly_remaining, Some(3));
    assert_eq!(after(told_at("2026-03-02T10:20:00Z"), early, &left(900), now()).hourly_remaining, Some(900));
}

#[test]
fn a_block_holds_that_was_noted_in_the_past_and_is_no_longer_than_a_month() {
    for (noted, until, holds) in [
        (Some("2026-03-01T10:20:00Z"), "2026-03-31T10:00:00Z", true),
        (Some("2026-02-10T10:00:00Z"), "2026-03-01T10:20:01Z", true),
        (Some("2026-02-10T10:00:00Z"), "2026-03-01T10:20:00Z", false),
        (Some("2026-03-01T10:20:01Z"), "2026-03-01T10:21:00Z", false),
        (Some("2026-03-20T10:20:00Z"), "2026-03-20T11:20:00Z", false),
        (Some("2026-03-01T10:20:00Z"), "2026-04-02T10:20:00Z", false),
        (Some("2026-02-01T10:20:00Z"), "2026-03-10T10:20:00Z", false),
        (None, "2026-03-01T11:00:00Z", false),
    ] {
        let known = Quota {
            blocked_until: Some(until.to_owned()),
            blocked_reason: Some("quota".to_owned()),
            blocked_at: noted.map(str::to_owned),
            ..Quota::default()
        };
        assert_eq!(block(&known, now()).is_some(), holds, "{noted:?} {until}");
    }
}
