//! Clocks that were wrong, and answers that come late: neither silences an account, nor lifts what holds.
//!
//! A stored time that lies in the future counts for nothing. Each test lets ficsync's clock run ahead, has something
//! written down, and sets the clock right again.

use crate::doctor::{checks, failed};
use crate::env::Env;
use crate::hook::Hook;
use ficsync_sandbox::{COMPANY, Fault};
use std::time::{Duration, Instant};

const DAY: i64 = 86_400;

/// A synced account with some clients.
fn synced() -> Env {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 30);
    env.run("sync all").exit(0);
    env.fic.clear_journal();
    env
}

#[test]
fn a_block_that_a_clock_far_ahead_noted_is_none() {
    let env = synced();
    env.ahead.set(20 * DAY);
    env.fic.fault(Fault::retry(403, 3_600));
    env.run("sync clients").exit(75).says(&["requests are possible again at"]);
    let asked = env.fic.journal().len();
    env.ahead.set(20 * DAY + 60);
    env.run("sync clients").exit(75);
    assert_eq!(env.fic.journal().len(), asked, "while that clock goes, the block holds");
    env.ahead.set(0);
    env.run("sync all").exit(0);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM quota WHERE blocked_until IS NOT NULL"), 0);
    env.run("doctor").exit(0);
}

#[test]
fn what_was_counted_in_the_future_does_not_fill_the_window() {
    let env = synced();
    env.config("max_wait = '0s'");
    env.ahead.set(400 * DAY);
    env.fic.fault(Fault::retry(429, 0));
    env.run("sync clients").exit(0);
    let ahead = jiff::Timestamp::now().as_millisecond() + 400 * DAY * 1_000;
    let many = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
         INSERT INTO recent_requests SELECT 1, {ahead} - i FROM n"
    );
    env.open().execute_batch(&many).expect("requests");
    env.run("sync clients").exit(75).says(&["300 requests were sent in five minutes"]);
    env.ahead.set(0);
    env.run("sync clients").exit(0);
    assert!(env.value::<i64>("SELECT count(*) FROM recent_requests") < 100, "they are forgotten");
}

#[test]
fn doctor_says_when_an_account_is_blocked_until_when_and_why() {
    let env = synced();
    let found = checks(&env.run("doctor --json").exit(0));
    assert!(found.iter().any(|check| check["id"] == "quota.block" && check["ok"] == true), "{found:#?}");
    env.fic.fault(Fault::retry(403, 7_200));
    env.run("sync clients").exit(75);
    let until = env.value::<String>("SELECT blocked_until FROM quota");
    let ran = env.run("doctor --json").exit(1).says(&["quota.block"]);
    let found = failed(&ran, &["quota.block"]);
    let text = found[0]["found"].as_str().expect("text");
    assert!(text.contains(&until) && text.contains("used up (403)"), "{text}");
    assert_eq!(found[0]["account_id"], 1);
    env.pass(7_201);
    env.run("sync all").exit(0);
    env.run("doctor").exit(0);
}

#[test]
fn times_of_syncs_in_the_future_are_no_times() {
    let env = synced();
    env.run("status --max-age 1h").exit(0);
    env.ahead.set(120);
    env.run("sync all").exit(0);
    env.ahead.set(0);
    env.run("status --max-age 1h").exit(1).says(&["clients (in the future", "clock"]);
    let found = failed(&env.run("doctor --json").exit(1), &["mirror.fresh"]);
    assert!(found[0]["found"].as_str().expect("text").contains("in the future"), "{found:#?}");
    assert!(env.run("status").exit(0).stdout().contains("in the future"));
    let hook = Hook::start(&env);
    let metrics = hook.get("/metrics");
    assert!(metrics.contains("# EOF") && !metrics.contains("last_success_timestamp_seconds{"), "{metrics}");
    hook.stop(0);
    // A full walk that will be over in a year does not put the next one off.
    env.ahead.set(400 * DAY);
    env.run("sync clients --full").exit(0);
    env.ahead.set(0);
    env.run("sync clients").exit(0);
    env.run("sync clients").exit(0);
    let modes = "SELECT group_concat(mode) FROM (SELECT mode FROM sync_runs WHERE resource = 'clients' ORDER BY id DESC LIMIT 2)";
    assert_eq!(env.value::<String>(modes), "changes,full", "once, then the stamp is right again");
    env.run("status --max-age 1h --json").exit(1);
    env.run("sync all").exit(0);
    env.run("status --max-age 1h").exit(0);
}

#[test]
fn what_events_waited_for_by_a_clock_ahead_is_not_waited_for() {
    let env = synced();
    let ids = env.fic.ids(COMPANY, "clients");
    env.ahead.set(DAY);
    let never_tried = env.tell("entities.clients.update", &[ids[1]]);
    env.open().execute("UPDATE events SET next_attempt_at = '2199-01-01T00:00:00Z'", []).expect("much later");
    let failed_once = env.tell("entities.clients.update", &[ids[2]]);
    env.is_down("");
    env.run("events drain").exit(0);
    env.fic.clear_faults();
    assert_eq!(env.fate(failed_once), ("pending".to_owned(), 1));
    let limited = env.tell("entities.clients.update", &[ids[3]]);
    env.fic.fault_on("/entities/clients", 1, Fault::retry(403, 7_200));
    env.ahead.set(DAY + 1_300);
    env.run("events drain").exit(0);
    env.ahead.set(0);
    env.run("events drain").exit(0);
    for event in [never_tried, failed_once, limited] {
        assert_eq!(env.fate(event).0, "done", "{}", env.fates());
    }
    assert_eq!(env.value::<i64>("SELECT count(*) FROM event_pauses"), 0);
}

#[test]
fn events_stored_in_the_future_are_said_to_wait() {
    let env = synced();
    env.ahead.set(DAY);
    env.tell("entities.clients.update", &[1]);
    env.ahead.set(0);
    let found = failed(&env.run("doctor --json").exit(1), &["events.waiting"]);
    assert!(found[0]["found"].as_str().expect("text").contains("in the future"), "{found:#?}");
}

#[test]
fn an_answer_that_was_asked_for_before_a_block_does_not_lift_it() {
    let env = synced();
    env.fic.set_used(COMPANY, "private", 100, 5_000);
    env.fic.fault_on("/entities/clients", 1, Fault::Hang(8));
    env.fic.fault_on("type=quote", 1, Fault::retry(403, 3_600));
    let sent = || env.value::<i64>("SELECT max(sent_at) FROM recent_requests");
    let (before, started) = (sent(), Instant::now());
    let mut slow = env.spawn("account check 1");
    while sent() == before {
        assert!(started.elapsed() < Duration::from_secs(20), "it does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    env.run("sync quotes").exit(75).says(&["used up (403)"]);
    let until = env.value::<String>("SELECT blocked_until FROM quota");
    assert!(slow.try_wait().expect("wait").is_none(), "its first answer is to come after the block");
    slow.wait().expect("its end");
    assert_eq!(env.value::<String>("SELECT coalesce(blocked_until, 'lifted') FROM quota"), until);
    let asked = env.fic.journal().len();
    env.run("sync all").exit(75);
    assert_eq!(env.fic.journal().len(), asked, "nothing is asked while the block holds");
    env.pass(3_601);
    env.run("sync all").exit(0);
    assert_eq!(env.value::<String>("SELECT coalesce(blocked_until, 'lifted') FROM quota"), "lifted");
}
