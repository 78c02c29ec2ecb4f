//! Which requests bring many records of one resource with the fewest requests.
//!
//! In: the wanted ids, and how many rows of the mirror lie between them: what lies between them here lies between them
//! at the service too, but for what is not mirrored yet. Out: a [`Way`]. Pure: what it is wrong about, the next round
//! sees, because everything that comes on the way is mirrored.

use crate::api::pages::PER_PAGE;
use crate::resource::TieBreak;

/// How to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// One after the other.
    Singly,
    /// Ranges of ids, first and last one included, of a page's size each.
    Ranges(Vec<(i64, i64)>),
    /// These pages of the list by id.
    Pages(Vec<u64>),
    /// The list by change, newest first, as long as it brings wanted ones.
    Newest,
}

/// What may be asked for.
#[derive(Debug, Clone, Copy)]
pub struct May {
    /// How the resource's ids can be asked for, if the service does not refuse it.
    pub by_id: Option<TieBreak>,
    /// Whether the list by change may be asked for.
    pub by_change: bool,
}

/// The cheapest way to `ids` (increasing). `gaps[i]` rows of the mirror lie between the id before and the i-th one.
/// Where two ways cost the same, the surer one is taken: single records, then ids, then changes.
pub fn plan(ids: &[i64], gaps: &[u64], may: May) -> Way {
    let places = places(gaps);
    let singly = (ids.len() as u64, Way::Singly);
    let by_id = match may.by_id {
        Some(TieBreak::FilterById) => Some(ranges(ids, &places)),
        Some(TieBreak::SortById) => Some(pages(&places)),
        _ => None,
    };
    // One more than the wanted ones fill: others have changed since.
    let newest = may.by_change.then(|| (ids.len().div_ceil(PER_PAGE as usize) as u64 + 1, Way::Newest));
    let mut best = singly;
    for way in by_id.into_iter().chain(newest) {
        if way.0 < best.0 {
            best = way;
        }
    }
    best.1
}

/// The place of each wanted id in the list by id, from 0, as far as it can be known here.
fn places(gaps: &[u64]) -> Vec<u64> {
    gaps.iter()
        .enumerate()
        .scan(0, |rows, (index, gap)| {
            *rows += gap;
            Some(*rows + index as u64)
        })
        .collect()
}

/// Ranges of at most a page, and what they cost. A range with one wanted id is left to a single fetch, at the same cost.
fn ranges(ids: &[i64], places: &[u64]) -> (u64, Way) {
    let mut cost = 0;
    let mut ranges = Vec::new();
    let mut from = 0;
    while from < ids.len() {
        let to = places.partition_point(|place| *place < places[from] + PER_PAGE);
        cost += 1;
        if to - from > 1 {
            ranges.push((ids[from], ids[to - 1]));
        }
        from = to;
    }
    (cost, Way::Ranges(ranges))
}

/// Pages with more than one wanted id, and what all cost.
fn pages(places: &[u64]) -> (u64, Way) {
    let mut cost = 0;
    let mut pages = Vec::new();
    for chunk in places.chunk_by(|a, b| a / PER_PAGE == b / PER_PAGE) {
        cost += 1;
        if chunk.len() > 1 {
            pages.push(chunk[0] / PER_PAGE + 1);
        }
    }
    (cost, Way::Pages(pages))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLIENTS: May = May { by_id: Some(TieBreak::FilterById), by_change: true };
    const INVOICES: May = May { by_id: Some(TieBreak::SortById), by_change: true };
    const REFUSED: May = May { by_id: None, by_change: false };

    /// `n` ids in a row behind `before` rows, `gap` rows between each.
    fn row(n: usize, before: u64, gap: u64) -> (Vec<i64>, Vec<u64>) {
        let mut gaps = vec![gap; n];
        gaps[0] = before;
        (1..=n as i64).collect::<Vec<_>>().into_iter().map(|i| i * 1_000).zip(gaps).unzip()
    }

    fn way(n: usize, before: u64, gap: u64, may: May) -> Way {
        let (ids, gaps) = row(n, before, gap);
        plan(&ids, &gaps, may)
    }

    #[test]
    fn the_cheaper_way_is_taken() {
        assert_eq!(way(1, 9_000, 0, CLIENTS), Way::Singly);
        assert_eq!(way(2, 0, 5_000, INVOICES), Way::Singly, "two far apart");
        assert_eq!(way(2, 500, 3, CLIENTS), Way::Ranges(vec![(1_000, 2_000)]));
        assert_eq!(way(2, 500, 3, INVOICES), Way::Pages(vec![6]));
        assert_eq!(way(60, 500, 3_000, CLIENTS), Way::Newest, "many all over the list");
        assert_eq!(way(60, 500, 3, REFUSED), Way::Singly);
        let five = Way::Ranges((0..5).map(|n| (n * 100_000 + 1_000, n * 100_000 + 100_000)).collect());
        assert_eq!(way(500, 77, 0, CLIENTS), five, "an import");
        assert_eq!(way(500, 177, 0, INVOICES), Way::Pages(vec![2, 3, 4, 5, 6, 7]));
    }

    fn wanted() -> impl Strategy<Value = (Vec<i64>, Vec<u64>)> {
        proptest::collection::vec((1_i64..400, 0_u64..400), 1..400).prop_map(|steps| {
            let ids = steps.iter().scan(0, |id, (step, _)| {
                *id += step;
                Some(*id)
            });
            (ids.collect(), steps.iter().map(|(step, rows)| (*rows).min(*step as u64 - 1)).collect())
        })
    }

    proptest! {
        #[test]
        fn a_way_never_costs_more_than_single_fetches((ids, gaps) in wanted()) {
            for may in [CLIENTS, INVOICES, REFUSED] {
                let lists = match plan(&ids, &gaps, may) {
                    Way::Singly => continue,
                    Way::Newest => ids.len().div_ceil(100) + 1,
                    Way::Ranges(ranges) => {
                        let inside = |id: &&i64| ranges.iter().any(|(from, to)| (from..=to).contains(id));
                        ranges.len() + ids.iter().filter(|id| !inside(id)).count()
                    }
                    Way::Pages(pages) => {
                        prop_assert!(pages.is_sorted_by(|a, b| a < b));
                        pages.len()
                    }
                };
                prop_assert!(lists < ids.len().max(2), "{} requests for {} ids", lists, ids.len());
            }
        }

        #[test]
        fn a_range_holds_no_more_than_a_page((ids, gaps) in wanted()) {
            let (_, Way::Ranges(ranges)) = ranges(&ids, &places(&gaps)) else { panic!("ranges") };
            for (from, to) in ranges {
                let held: Vec<usize> = (0..ids.len()).filter(|i| (from..=to).contains(&ids[*i])).collect();
                let rows = held.len() as u64 + held[1..].iter().map(|i| gaps[*i]).sum::<u64>();
                prop_assert!(rows <= 100, "{} rows", rows);
            }
        }
    }
}
