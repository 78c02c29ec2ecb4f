//! Do runs end well before the next one is due: systemd skips what it cannot begin in time, and says nothing.
//!
//! In: what the last runs left in `sync_runs`, the timer's interval. Out: a finding. A run leaves no row of its own, so its
//! length is put together from those of its resources; the interval is the timer's, else that between runs.

use super::{Findings, interval, machine};
use crate::clock;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::runs::Past;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

/// So many runs are looked at.
const RUNS: usize = 6;
/// Within a run the rows follow each other in less than a second; stamps are whole seconds.
const GAP: SignedDuration = SignedDuration::from_secs(2);
/// More of the interval than this, in percent, leaves too little for a day that is slower.
const MOST: i64 = 80;

/// A run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    began: Timestamp,
    ended: Timestamp,
    rows: usize,
    /// Something was walked whole.
    full: bool,
}

impl Run {
    fn length(&self) -> SignedDuration {
        self.ended.duration_since(self.began)
    }
}

/// Looks at the last runs.
pub fn look(store: &Store, settings: &Settings, accounts: usize, findings: &mut Findings) -> Result<()> {
    let id = "runs.in_time";
    let rows = store.latest_runs((RUNS + 1) * accounts.max(1) * settings.resources.len())?;
    let runs = alike(&runs(&rows));
    let (timer, _) = machine::timer("sync", &settings.db);
    let known = machine::is_booted().then(|| interval::of_timer(&timer)).flatten();
    let Some((length, every)) = length(&runs).zip(known.or_else(|| spacing(&runs))) else {
        findings.good(id, None, "not known: too few runs for changes yet");
        return Ok(());
    };
    let over = if accounts == 1 { String::new() } else { format!(" over {accounts} accounts") };
    let (takes, every_so) = (clock::for_people(length), clock::for_people(every));
    let found = format!("a run{over} takes {takes}, and one begins every {every_so}");
    if !is_long(length, every) {
        findings.good(id, None, found);
        return Ok(());
    }
    let rarer = "let the timer run less often: systemctl edit ficsync-sync.timer";
    let cure = match settings.jobs {
        jobs if jobs < accounts.min(64) => {
            format!("work on more accounts at a time: set `jobs`, now {jobs}, in the configuration file; or {rarer}")
        }
        _ => rarer.to_owned(),
    };
    findings.bad(id, None, found, cure);
    Ok(())
}

fn is_long(length: SignedDuration, every: SignedDuration) -> bool {
    length.as_secs() * 100 > every.as_secs() * MOST
}

/// The runs that left these rows, the oldest first. One ends where nothing is at work for a while, or where a resource of
/// an account comes up again.
fn runs(rows: &[Past]) -> Vec<Run> {
    let read = |row: &Past| {
        let (began, ended) = (clock::parse_stamp(&row.started_at)?, clock::parse_stamp(&row.finished_at)?);
        Some((Run { began, ended, rows: 1, full: row.mode == "full" }, (row.account_id, row.resource.clone())))
    };
    let mut rows: Vec<_> = rows.iter().filter_map(read).collect();
    rows.sort_by_key(|(row, _)| row.began);
    let (mut runs, mut seen): (Vec<Run>, HashSet<(i64, String)>) = (Vec::new(), HashSet::new());
    for (row, of) in rows {
        match runs.last_mut().filter(|run| row.began <= run.ended + GAP && !seen.contains(&of)) {
            Some(run) => {
                run.ended = run.ended.max(row.ended);
                run.rows += 1;
                run.full |= row.full;
            }
            None => {
                runs.push(row);
                seen.clear();
            }
        }
        seen.insert(of);
    }
    runs
}

/// Those that looked for changes in all accounts, as a timer's do. The first may not be here with all its rows.
fn alike(runs: &[Run]) -> Vec<Run> {
    let whole = runs.get(1..).unwrap_or_default();
    let most = whole.iter().map(|run| run.rows).max().unwrap_or(0);
    whole.iter().filter(|run| !run.full && run.rows * 2 > most).copied().collect()
}

/// The middle one of the last lengths.
fn length(runs: &[Run]) -> Option<SignedDuration> {
    let mut lengths: Vec<_> = runs.iter().rev().take(RUNS).map(Run::length).collect();
    lengths.sort();
    lengths.get(lengths.len() / 2).copied()
}

/// The shortest time between the beginnings of two.
fn spacing(runs: &[Run]) -> Option<SignedDuration> {
    runs.windows(2).map(|two| two[1].began.duration_since(two[0].began)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a run that begins at this second: for each account and resource, when it began and ended after that.
    fn rows(began: i64, parts: &[(i64, &str, i64, i64)]) -> Vec<Past> {
        let stamp = |second: i64| clock::stamp(Timestamp::from_second(1_800_000_000 + began + second).expect("a time"));
        let row = |(account_id, resource, from, to): &(i64, &str, i64, i64)| Past {
            account_id: *account_id,
            resource: (*resource).to_owned(),
            mode: "changes".to_owned(),
            started_at: stamp(*from),
            finished_at: stamp(*to),
        };
        parts.iter().map(row).collect()
    }

    const PARTS: [(i64, &str, i64, i64); 4] =
        [(1, "clients", 0, 200), (1, "quotes", 200, 201), (2, "clients", 0, 3), (2, "quotes", 3, 9)];

    fn seconds(runs: &[Run]) -> Vec<(i64, usize)> {
        runs.iter().map(|run| (run.length().as_secs(), run.rows)).collect()
    }

    #[test]
    fn runs_are_put_together_from_their_rows() {
        let two: Vec<Past> = rows(0, &PARTS).into_iter().chain(rows(600, &PARTS)).collect();
        assert_eq!(seconds(&runs(&two)), [(201, 4), (201, 4)]);
        let at_once: Vec<Past> = rows(0, &PARTS).into_iter().chain(rows(201, &PARTS)).collect();
        assert_eq!(seconds(&runs(&at_once)), [(201, 4), (201, 4)], "what comes up again is of another run");
        let mut turned = two;
        turned.reverse();
        assert_eq!(seconds(&runs(&turned)), [(201, 4), (201, 4)], "as the database gives them");
    }

    #[test]
    fn only_whole_runs_for_changes_count() {
        let mut all: Vec<Past> = [0, 600, 1_200, 1_800].into_iter().flat_map(|at| rows(at, &PARTS)).collect();
        all.extend(rows(900, &PARTS[..1]));
        all[8].mode = "full".to_owned();
        let found = alike(&runs(&all));
        assert_eq!(seconds(&found), [(201, 4), (201, 4)], "not the first, one by hand, one that walked");
        assert_eq!(
            (length(&found), spacing(&found)),
            (Some(SignedDuration::from_secs(201)), Some(SignedDuration::from_mins(20)))
        );
        assert_eq!((length(&[]), spacing(&found[..1])), (None, None));
        assert!(is_long(SignedDuration::from_secs(481), SignedDuration::from_mins(10)));
        assert!(!is_long(SignedDuration::from_secs(480), SignedDuration::from_mins(10)));
    }
}
