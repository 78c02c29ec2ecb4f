//! Outages of hours and days: nothing is lost, what waits for longest comes first, another account goes on.

use crate::env::Env;
use crate::outbox::Crew;
use ficsync::clock::Clock;
use ficsync::store::Store;
use ficsync_sandbox::{COMPANY, TOKEN};
use std::time::{Duration, Instant};

/// The company of the account that has no trouble.
const OTHER: i64 = 777;

/// Account 1, which will have trouble, and account 2, which will not.
struct Pair {
    env: Env,
    /// Account 1's events, oldest first, and the record that each is about.
    told: Vec<(i64, i64)>,
    /// Account 2's events so far.
    others: usize,
}

impl Pair {
    fn new() -> Self {
        let env = Env::with_account();
        env.add_account(OTHER, "Bianchi");
        for company in [COMPANY, OTHER] {
            env.fic.populate(company, "clients", 150);
        }
        env.run("sync clients").exit(0);
        // The service's hours are fixed ones: a new one has just begun.
        env.pass(3_605 - env.fic.now().as_second().rem_euclid(3_600));
        env.fic.clear_journal();
        Self { env, told: Vec::new(), others: 0 }
    }

    /// Something happens in both companies, and the workers run until there is nothing to do for them: in that time
    /// account 2's is done. Account 1's are deletions, which no list can tell of, of ever smaller ids: the order of the
    /// ids is not that of the events.
    #[track_caller]
    fn go_on(&mut self) {
        let env = &self.env;
        let gone = *env.fic.ids(COMPANY, "clients").last().expect("a client");
        env.fic.delete(COMPANY, "clients", gone);
        self.told.push((env.tell("entities.clients.delete", &[gone]), gone));
        let changed = env.fic.ids(OTHER, "clients")[self.others];
        env.fic.update(OTHER, "clients", changed);
        let other = env.tell_account(2, "entities.clients.update", &[changed]);
        self.others += 1;
        let started = Instant::now();
        let crew = Crew::start(env);
        while env.fate(other) != ("done".into(), 1) {
            assert!(started.elapsed() < Duration::from_secs(2), "it waits for account 1: {:?}", env.fate(other));
            std::thread::sleep(Duration::from_millis(5));
        }
        self.settle(crew);
    }

    /// The workers run until there is nothing to do for them.
    #[track_caller]
    fn settle(&self, crew: Crew) {
        let store = Store::open(&self.env.db(), Clock::shifted(self.env.ahead.get())).expect("store");
        let started = Instant::now();
        while store.is_due(i64::MAX).expect("due") || !store.holders().expect("holders").is_empty() {
            assert!(started.elapsed() < Duration::from_secs(10), "they do not end: {}", self.env.fates());
            std::thread::sleep(Duration::from_millis(5));
        }
        crew.stop();
    }

    /// Account 1's events wait, but for the `done` oldest, and no attempt was used up by that.
    #[track_caller]
    fn waits(&self, done: usize) {
        let fates: Vec<_> = self.told.iter().map(|(event, _)| self.env.fate(*event)).collect();
        let expected = |place| if place < done { ("done".to_owned(), 1) } else { ("pending".to_owned(), 0) };
        assert_eq!(fates, (0..fates.len()).map(expected).collect::<Vec<_>>());
    }

    /// All is as if nothing had been, and account 1's records were asked for in the order of their events.
    #[track_caller]
    fn is_well(&self) {
        let env = &self.env;
        assert_eq!(env.fates(), format!("done {}", self.told.len() + self.others));
        env.same_as_service_of(&[COMPANY, OTHER], "clients");
        env.nothing_forbidden();
        let mut journal = env.fic.journal();
        journal.retain(|r| r.company == Some(COMPANY) && r.status == 404);
        let asked: Vec<i64> = journal.iter().map(|r| r.path.rsplit('/').next().unwrap().parse().unwrap()).collect();
        assert_eq!(asked, self.told.iter().map(|(_, record)| *record).collect::<Vec<_>>(), "the oldest first");
    }
}

#[test]
fn two_hours_without_quota_cost_two_requests_and_then_the_oldest_come_first() {
    let mut pair = Pair::new();
    for hour in 1..=2 {
        pair.env.fic.set_used(COMPANY, "private", 1_000, 5_000);
        for _ in 0..4 {
            pair.go_on();
            pair.waits(0);
            assert_eq!(pair.env.fic.refusals(), hour, "one request in each hour finds out for all");
            pair.env.pass(900);
        }
    }
    // An hour that has three requests left, and one that has all.
    pair.env.fic.set_used(COMPANY, "private", 997, 5_000);
    pair.go_on();
    pair.waits(3);
    pair.env.pass(3_600);
    pair.go_on();
    pair.waits(pair.told.len());
    pair.is_well();
}

#[test]
fn a_day_with_a_dead_token_costs_a_request_each_time_and_a_new_one_ends_it() {
    let mut pair = Pair::new();
    pair.env.fic.expire_token(TOKEN);
    for tries in 1..=8 {
        pair.go_on();
        pair.waits(0);
        let asked = pair.env.fic.journal().iter().filter(|r| r.status == 401).count();
        assert_eq!(asked, tries, "requests with a dead token");
        pair.env.pass(3 * 3_600);
    }
    // Shortly after another try: the new token ends the wait, not the time.
    pair.go_on();
    let file = pair.env.dir.path().join("new.txt");
    std::fs::write(&file, pair.env.fic.issue_token(&[COMPANY], &["*"])).expect("token");
    pair.env.run(&format!("account set-token 1 --token-file {}", file.display())).exit(0);
    pair.go_on();
    pair.waits(pair.told.len());
    pair.is_well();
}

#[test]
fn after_a_day_without_the_service_its_return_is_noticed_within_twenty_minutes() {
    let mut pair = Pair::new();
    let asked = |pair: &Pair| pair.env.fic.journal().iter().filter(|r| r.company == Some(COMPANY)).count();
    for round in 0..8 {
        let before = asked(&pair);
        pair.env.is_down(&format!("/c/{COMPANY}/"));
        pair.go_on();
        let cost = asked(&pair) - before;
        assert!(round == 0 || cost <= 3, "{cost} requests to find out that it is still down");
        let open = pair.told.iter().filter(|(event, _)| pair.env.fate(*event).0 == "pending");
        assert_eq!(open.count(), pair.told.len(), "{}", pair.env.fates());
        pair.env.pass(3 * 3_600);
    }
    pair.env.is_down(&format!("/c/{COMPANY}/"));
    pair.go_on();
    pair.env.fic.clear_faults();
    // Nothing new happens, and nobody asks for it: what waits for longest has its next attempt in many hours.
    pair.env.pass(20 * 60 + 1);
    pair.settle(Crew::start(&pair.env));
    pair.is_well();
    let tries = pair.env.fate(pair.told[0].0).1;
    assert!((6..10).contains(&tries), "{tries} attempts in a day");
}

#[test]
fn the_first_answer_after_an_outage_ends_the_wait_of_all_lanes() {
    let env = Env::with_account();
    ["clients", "suppliers", "invoices"].iter().for_each(|list| env.fic.populate(COMPANY, list, 20));
    env.run("sync all").exit(0);
    let kinds = [
        ("clients", "entities.clients"),
        ("suppliers", "entities.suppliers"),
        ("invoices", "issued_documents.invoices"),
    ];
    let change = |(list, kind): (&str, &str)| {
        let id = env.fic.ids(COMPANY, list)[7];
        env.fic.update(COMPANY, list, id);
        env.tell(&format!("{kind}.update"), &[id])
    };
    env.is_down("");
    for kind in kinds {
        change(kind);
    }
    for _ in 0..5 {
        env.run("events drain").exit(0);
        env.pass(3_600);
    }
    let tried = env.fic.journal().len();
    let crew = Crew::start(&env);
    let started = Instant::now();
    while env.fic.journal().len() == tried {
        assert!(started.elapsed() < Duration::from_secs(10), "nobody tries");
        std::thread::sleep(Duration::from_millis(5));
    }
    env.fic.clear_faults();
    // In the middle of a try: its lane goes on, and by its success the others.
    crew.settle(&env);
    crew.stop();
    assert_eq!(env.fates(), "done 3");
    kinds.iter().for_each(|(list, _)| env.same_as_service(list));
}
