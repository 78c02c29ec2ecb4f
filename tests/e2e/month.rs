//! What everything costs: the first sync, a run that finds nothing new, and a month of `sync all --due`. Figures are printed.
//!
//! A month in full takes minutes, so by itself a part of it passes; `FICSYNC_TEST_FULL=1` takes all of it, and 10,000
//! documents.

use crate::env::Env;
use crate::hook::scaled;
use crate::types::with_records;
use ficsync::clock::Clock;
use ficsync::resource::{self, Kind, Parts, Resource};
use ficsync::store::Store;
use ficsync::store::outbox::NewEvent;
use ficsync_sandbox::COMPANY;
use serde_json::Value;
use std::collections::BTreeMap;

/// So many records of each type has a company with so many documents.
fn size(resource: &Resource, documents: usize) -> usize {
    let thousandths = match resource.name {
        "invoices" => 400,
        "expenses" => 250,
        "quotes" | "clients" | "emails" => 100,
        "receipts" | "delivery_notes" | "products" | "cashbook_entries" => 50,
        "suppliers" | "credit_notes" | "issued_receipts" => 30,
        "proformas" | "orders" | "archive_documents" => 20,
        "taxes" | "passive_credit_notes" | "pending_documents" | "work_reports" => 10,
        _ => return 6,
    };
    (documents * thousandths / 1_000).max(6)
}

/// A company with so many documents, at the beginning of a month.
fn company(documents: usize) -> Env {
    let env = Env::with_everything();
    env.config_as_written("");
    // 01:30 in Italy, on the first of a month.
    let now = jiff::tz::TimeZone::UTC.to_datetime(env.fic.now());
    let first = now.date().last_of_month().tomorrow().expect("a day").at(0, 30, 0, 0);
    env.pass(first.duration_since(now).as_secs());
    // An hour in which all of it can be read first.
    env.fic.set_quota(5_000, 5_000, 40_000);
    for resource in with_records() {
        env.fic.populate(COMPANY, resource.name, size(resource, documents));
    }
    env
}

/// The requests of each resource type in a run.
fn requests(run: &Value) -> BTreeMap<&'static str, u64> {
    let parts = run["accounts"][0]["resources"].as_array().expect("resources");
    let part = |part: &Value| {
        assert_eq!(part["outcome"], "ok", "{part}");
        let resource = resource::by_name(part["resource"].as_str().expect("a name")).expect("of the registry");
        (resource.name, part["requests"].as_u64().expect("a count"))
    };
    parts.iter().map(part).collect()
}

/// What a first look may cost.
fn most(env: &Env, resource: &Resource) -> f64 {
    let n = env.fic.all_ids(COMPANY, resource.name).len() as f64;
    let paged = 1.02 * n / 100.0 + 4.0;
    let Kind::Whole(whole) = resource.list.kind else { return paged };
    match whole.parts {
        Parts::Pages(_) => paged,
        Parts::PagesOf { values, .. } => 1.02 * n / 100.0 + 4.0 * values.len() as f64,
        Parts::Answer(_) | Parts::DetailedAnswer => 1.0 + resource::part_of(resource).count() as f64 * n,
        Parts::AnswerOf { values, .. } => values.len() as f64,
        // Entries of five years, and three that are empty.
        Parts::Years => 9.0,
        Parts::OfEach { .. } => 0.0,
        Parts::Company => 6.0,
    }
}

#[test]
fn a_first_sync_and_a_run_that_finds_nothing_new_cost_what_they_may() {
    let documents = scaled("FICSYNC_TEST_DOCUMENTS", 2_000, 10_000);
    let env = company(documents);
    let first = env.run("sync all --json").exit(0).json();
    let first = requests(&first);
    for (name, asked) in &first {
        let most = most(&env, resource::by_name(name).expect("a type"));
        assert!(*asked as f64 <= most, "{name}: {asked} requests, {most} at most");
    }
    let written = env.value::<i64>("SELECT n FROM write_counter");
    env.pass(86_400);
    let plan = env.run("sync --plan --json").exit(0).json();
    let second = env.run("sync all --json").exit(0).json();
    let second = requests(&second);
    for part in plan["accounts"][0]["resources"].as_array().expect("resources") {
        let name = part["resource"].as_str().expect("a name");
        assert_eq!(part["requests_per_run"].as_u64(), Some(second[name]), "{name}: planned, and asked");
        if resource::by_name(name).expect("a type").stamped().is_some() {
            assert_eq!(second[name], 1, "{name}");
        }
    }
    assert_eq!(env.value::<i64>("SELECT n FROM write_counter"), written, "nothing is rewritten");
    let records: usize = with_records().map(|r| env.fic.all_ids(COMPANY, r.name).len()).sum();
    let sum = |requests: &BTreeMap<&str, u64>| requests.values().sum::<u64>();
    eprintln!(
        "{documents} documents, {records} records: first sync {} requests, nothing new {}",
        sum(&first),
        sum(&second)
    );
    env.nothing_forbidden();
}

/// A month, or the part of it that passes.
struct Month<'a> {
    env: &'a Env,
    days: usize,
    /// Requests of looks and workers.
    asked: usize,
    /// What happened.
    changes: usize,
}

impl<'a> Month<'a> {
    fn begin(env: &'a Env) -> Self {
        let days = scaled("FICSYNC_TEST_DAYS", 1, 30);
        env.run("sync all --due").exit(0);
        let never = "SELECT count(*) FROM sync_state WHERE looked_at IS NULL AND resource NOT IN ('price_list_items')";
        assert_eq!(env.value::<i64>(never), 0, "the first run looks at everything");
        assert_eq!(used(env), 0, "first walks are apart");
        env.fic.clear_journal();
        Self { env, days, asked: 0, changes: 0 }
    }

    /// So many seconds later a timer looks.
    fn tick(&mut self, seconds: i64) {
        self.env.pass(seconds);
        self.env.run("sync all --due").exit(0);
        self.count();
    }

    fn count(&mut self) {
        self.asked += self.env.fic.journal().len();
        self.env.fic.clear_journal();
    }

    /// Something happens in working hours: what, by the minute of the day.
    fn happenings(&self, minute: i64) -> Vec<&'static str> {
        let italy = jiff::tz::TimeZone::get("Europe/Rome").expect("a zone");
        let day = italy.to_datetime(self.env.fic.now()).weekday();
        if !(9 * 60..18 * 60).contains(&minute) || day.to_monday_zero_offset() > 4 {
            return Vec::new();
        }
        let every = [
            ("invoices", 30),
            ("clients", 60),
            ("quotes", 90),
            ("expenses", 120),
            ("products", 180),
            ("receipts", 240),
        ];
        every.iter().filter(|(_, minutes)| minute % minutes < 10).map(|(name, _)| *name).collect()
    }

    /// The limit for the part that passes, from that of thirty days: by so much as one look at everything costs it may be
    /// ahead, but for the whole month.
    fn limit(&self, of_month: usize) -> usize {
        let plan = self.env.run("sync --plan --json").exit(0).json();
        let parts = plan["accounts"][0]["resources"].as_array().expect("resources");
        let round = parts.iter().filter_map(|part| part["requests_per_run"].as_u64()).sum::<u64>() as usize;
        if self.days >= 30 { of_month } else { of_month * self.days / 30 + round }
    }

    fn end(self, what: &str, of_month: usize) {
        let most = self.limit(of_month);
        let days = self.days;
        eprintln!(
            "{days} days {what}: {} requests of {most}, {} changes; used of the share {}",
            self.asked,
            self.changes,
            used(self.env)
        );
        assert!(self.asked <= most, "{what}: {} requests in {days} days, {most} at most", self.asked);
        self.env.nothing_forbidden();
    }
}

/// What looks by themselves have used of the month.
fn used(env: &Env) -> usize {
    env.value("SELECT coalesce(sum(requests), 0) FROM month_requests")
}

/// The mirror holds the record as the service has it.
fn is_here(env: &Env, resource: &str, id: i64) -> bool {
    let stamp = env.fic.record(COMPANY, resource, id).expect("a record")["updated_at"].as_str().map(str::to_owned);
    env.open()
        .query_row(&format!("SELECT updated_at FROM {resource} WHERE id = ?1"), [id], |row| {
            row.get::<_, Option<String>>(0)
        })
        .is_ok_and(|here| here == stamp)
}

fn change(env: &Env, resource: &str, turn: usize) -> i64 {
    if turn.is_multiple_of(2) {
        return env.fic.create(COMPANY, resource);
    }
    let ids = env.fic.ids(COMPANY, resource);
    let id = ids[turn * 7 % ids.len()];
    env.fic.update(COMPANY, resource, id);
    id
}

#[test]
fn a_month_of_silence() {
    let env = company(scaled("FICSYNC_TEST_DOCUMENTS", 1_000, 10_000));
    let mut month = Month::begin(&env);
    for _ in 0..month.days * 24 {
        month.tick(3_600);
    }
    month.end("of silence", 4_500);
}

#[test]
fn a_month_without_webhooks() {
    let env = company(scaled("FICSYNC_TEST_DOCUMENTS", 1_000, 10_000));
    let mut month = Month::begin(&env);
    for tick in 0..month.days * 144 {
        let minute = (tick as i64 * 10 + 90) % 1_440;
        let changed: Vec<(&str, i64)> =
            month.happenings(minute).into_iter().map(|resource| (resource, change(&env, resource, tick))).collect();
        month.changes += changed.len();
        month.tick(600);
    }
    let asked = month.asked;
    assert_eq!(asked, used(&env), "what the timer asked for is counted");
    month.end("without webhooks", 16_000);
    env.pass(6 * 3_600);
    env.run("sync all").exit(0);
    for name in ["invoices", "clients", "quotes", "expenses", "products", "receipts"] {
        let resource = resource::by_name(name).expect("a type");
        crate::expect_types::same_as_truth(&env.open(), resource, &env.fic.truth(COMPANY, name));
    }
}

/// Tells of a record as the listener would.
fn tell(env: &Env, resource: &Resource, id: i64) {
    let event = NewEvent {
        account_id: 1,
        event_group: resource.events.group.expect("a group").to_owned(),
        event_id: format!("ce-{:016x}", fastrand::u64(..)),
        event_type: Some(format!("it.fattureincloud.webhooks.{}.update", resource.events.kinds[0])),
        occurred_at: None,
        resource_ids: format!("[{id}]"),
        nothing_to_do: None,
    };
    let mut store = Store::open(&env.db(), Clock::shifted(env.ahead.get())).expect("store");
    store.store_batch(&[event]).expect("stored");
}

#[test]
fn a_month_with_webhooks() {
    let env = company(scaled("FICSYNC_TEST_DOCUMENTS", 1_000, 10_000));
    env.run("status").exit(0);
    for group in resource::events::GROUPS {
        let sql = "INSERT INTO subscriptions (account_id, id, sink, event_group, types, verified, attempts, created_at)
                   VALUES (1, ?1, 'https://hooks.example.it/' || ?1, ?1, '[]', 1, 1, '2026-01-01T00:00:00Z')";
        env.open().execute(sql, [group]).expect("a subscription");
    }
    let mut month = Month::begin(&env);
    for tick in 0..month.days * 144 {
        let minute = (tick as i64 * 10 + 90) % 1_440;
        let (happened, mut changed) = (month.happenings(minute), Vec::new());
        for name in &happened {
            let id = change(&env, name, tick);
            tell(&env, resource::by_name(name).expect("a type"), id);
            month.changes += 1;
            changed.push((*name, id));
        }
        if !changed.is_empty() {
            env.run("events drain").exit(0);
            changed.iter().for_each(|(name, id)| assert!(is_here(&env, name, *id), "{name} {id}"));
        }
        month.tick(600);
    }
    month.end("with webhooks", 8_000);
}

#[test]
fn who_is_ahead_of_the_share_waits_and_doctor_says_so() {
    let env = company(60);
    env.config_as_written("quota_share = 0.001\n\n[every]\n\"*\" = \"10m\"\nemails = \"auto\"\n");
    env.run("sync all --due").exit(0);
    let round = env.run("sync --plan --json").exit(0).json();
    let lists = round["accounts"][0]["resources"].as_array().expect("resources").clone();
    assert!(
        lists
            .iter()
            .all(|list| list["reason"] == if list["resource"] == "emails" { "kept without stamps" } else { "set" })
    );
    // 40 requests a month, and a round costs more.
    let share = |env: &Env| -> String {
        let found = env.run("doctor --json").json();
        let checks = found["checks"].as_array().expect("checks").clone();
        let check = checks.into_iter().find(|check| check["id"] == "quota.share").expect("the check");
        assert_eq!(check["ok"], true, "{check}");
        check["found"].as_str().expect("words").to_owned()
    };
    assert!(share(&env).starts_with("looks by themselves have used 0 of the 40 requests"), "{}", share(&env));
    for _ in 0..4 {
        env.pass(600);
        env.run("sync all --due").exit(0);
    }
    assert!((35..=40).contains(&used(&env)), "{} of 40", used(&env));
    env.pass(600);
    assert!(share(&env).contains("these wait now: "), "{}", share(&env));
    env.fic.clear_journal();
    env.run("sync invoices").exit(0);
    assert_eq!(env.fic.journal().len(), 1, "what a person asks for is not held back");
    // Another month, another share.
    env.pass(31 * 86_400);
    env.run("sync all --due").exit(0);
    assert!(env.value::<i64>("SELECT count(*) FROM month_requests") >= 1);
}
