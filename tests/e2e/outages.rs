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
        self.waits(self.told.len());
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
    pair.is_well();
}
