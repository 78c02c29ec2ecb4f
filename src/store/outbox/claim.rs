//! Claiming: the due events of one lane, leased to one worker.
//!
//! In: who asks, and which events are old enough. Out: a [`Claim`]. Which lane's turn it is, is found out without the lock
//! of a writer; how many events wait changes the cost of neither. Knows nothing of what is done with them.

use super::super::Store;
use super::LEASE;
use crate::clock;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Row, named_params};

/// Events that are claimed at once: what they name is held in memory.
const MOST_CLAIMED: u32 = 1_000;
/// How often another lane is looked for when others were quicker.
const MOST_TRIES: u32 = 16;
/// No delay between two attempts is longer.
pub(in crate::store) const LONGEST_DELAY: SignedDuration = SignedDuration::from_hours(3 * 24);

pub(super) const DUE_LANES: &str = concat!(
    include_str!("../../../sql/statements/kinds_that_wait.sql"),
    include_str!("../../../sql/statements/due_lanes.sql")
);

/// The due events of one lane, leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub account_id: i64,
    /// What they are about: the path of the resource types.
    pub lane: String,
    /// The events, oldest first.
    pub events: Vec<Claimed>,
}

/// A leased event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its local id.
    pub id: i64,
    /// Its type's full name.
    pub event_type: String,
    /// Ids of records that are not in the tables yet: a JSON array.
    pub remaining_ids: String,
    /// Attempts, this one included.
    pub attempts: u32,
    /// Before this a try of a service that is down is no attempt.
    pub retry_at: Option<Timestamp>,
}

/// A lane that has due events.
struct Lane {
    account_id: i64,
    name: String,
    free: bool,
}

impl Store {
    /// Leases the due events of one lane among those with ids up to `up_to`. Nothing: no lane has any, or all that have
    /// are worked on.
    pub fn claim(&mut self, holder: &str, up_to: i64) -> Result<Option<Claim>> {
        for _ in 0..MOST_TRIES {
            let Some(lane) = self.due_lane(up_to, |lane| lane.free)? else { return Ok(None) };
            let events = self.lease(&lane, holder, up_to)?;
            if !events.is_empty() {
                return Ok(Some(Claim { account_id: lane.account_id, lane: lane.name, events }));
            }
        }
        Ok(None)
    }

    /// Whether an event waits that may be begun now, its lane free or not.
    pub fn is_due(&self, up_to: i64) -> Result<bool> {
        Ok(self.due_lane(up_to, |_| true)?.is_some())
    }

    /// The first such lane of those that have due events.
    fn due_lane(&self, up_to: i64, such: impl Fn(&Lane) -> bool) -> Result<Option<Lane>> {
        let now = self.clock().stamp();
        self.read(|conn| {
            let mut statement = conn.prepare_cached(DUE_LANES)?;
            let lanes = statement.query_map(named_params! { ":now": now, ":up_to": up_to }, |row| {
                Ok(Lane { account_id: row.get(0)?, name: row.get(1)?, free: row.get(2)? })
            })?;
            for lane in lanes {
                match lane? {
                    lane if such(&lane) => return Ok(Some(lane)),
                    _ => {}
                }
            }
            Ok(None)
        })
    }

    /// Leases a lane's events; none where somebody else was quicker.
    fn lease(&mut self, lane: &Lane, holder: &str, up_to: i64) -> Result<Vec<Claimed>> {
        let now = self.clock().now();
        let values = named_params! {
            ":account_id": lane.account_id, ":lane": lane.name, ":holder": holder, ":now": clock::stamp(now),
            ":leased_until": clock::stamp(now + LEASE), ":longest_delay": clock::stamp(now + LONGEST_DELAY),
            ":up_to": up_to, ":most": MOST_CLAIMED,
        };
        let mut events = self.write(|tx| {
            let mut statement = tx.prepare_cached(include_str!("../../../sql/statements/claim_events.sql"))?;
            let rows = statement.query_map(values, claimed)?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
        })?;
        events.sort_by_key(|event| event.id);
        Ok(events)
    }
}

fn claimed(row: &Row<'_>) -> rusqlite::Result<Claimed> {
    Ok(Claimed {
        id: row.get(0)?,
        event_type: row.get(1)?,
        remaining_ids: row.get(2)?,
        attempts: row.get(3)?,
        retry_at: row.get::<_, Option<String>>(4)?.as_deref().and_then(clock::parse_stamp),
    })
}
