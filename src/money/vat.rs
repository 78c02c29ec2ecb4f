//! VAT by rate: the lines of a document grouped, so that the groups add up to the document.
//!
//! In: the lines, and the document's totals in euro. Out: one group per VAT type and rate. The service's documents have no
//! such groups, only lines and totals; where both differ by cents, the document is right and the largest group gives way.

use super::{Figure, Figures, Members, cents, is_nothing};

/// The members of a line that are needed.
pub(super) const LINE: &[&str] =
    &["qty", "net_price", "discount", "vat.id", "vat.value", "apply_withholding_taxes", "deductibility_vat_percentage"];

/// A line in euro.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub vat_id: Option<i64>,
    pub rate: f64,
    /// Not rounded.
    pub net: f64,
    /// Whether rivalsa and cassa are reckoned on it.
    pub bears_charges: bool,
    /// Share of its VAT that may be deducted, in percent, where it has one of its own.
    pub deductible: Option<f64>,
}

/// Reads a line at `rate` units of its currency for a euro.
pub(super) fn line(line: &dyn Members, rate: f64) -> Line {
    let num = |path: &str| line.num(path);
    let gross = num("qty").unwrap_or(1.0) * num("net_price").unwrap_or(0.0);
    Line {
        vat_id: line.int("vat.id"),
        rate: num("vat.value").unwrap_or(0.0),
        net: gross * (1.0 - num("discount").unwrap_or(0.0) / 100.0) / rate,
        bears_charges: line.int("apply_withholding_taxes") != Some(0),
        deductible: num("deductibility_vat_percentage"),
    }
}

/// A group of lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Group {
    pub vat_id: Option<i64>,
    /// In percent. `None`: the document has no lines.
    pub rate: Option<f64>,
    pub net: f64,
    pub vat: f64,
}

/// The groups of a document whose net, further charges (rivalsa and cassa) and VAT are these, in the order of their VAT
/// types.
pub(super) fn groups(lines: &[Line], net: f64, charges: f64, vat: f64) -> Vec<Group> {
    if lines.is_empty() {
        return vec![Group { vat_id: None, rate: None, net: cents(net + charges), vat }];
    }
    let mut sums = sums(lines);
    spread(&mut sums, charges);
    let mut groups: Vec<Group> = sums.iter().map(Sum::group).collect();
    let rest = cents(net + charges - groups.iter().map(|g| g.net).sum::<f64>());
    if let Some(index) = largest(&groups, |_| true) {
        groups[index].net = cents(groups[index].net + rest);
    }
    let rest = cents(vat - groups.iter().map(|g| g.vat).sum::<f64>());
    let taxed = largest(&groups, |group| group.rate > Some(0.0)).or_else(|| largest(&groups, |_| true));
    if let Some(index) = taxed {
        groups[index].vat = cents(groups[index].vat + rest);
    }
    groups
}

#[derive(Debug)]
struct Sum {
    vat_id: Option<i64>,
    rate: f64,
    net: f64,
    /// Of the lines on which charges are reckoned.
    bearing: f64,
    base: f64,
}

impl Sum {
    fn group(&self) -> Group {
        let (net, vat) = (cents(self.base), cents(self.base * self.rate / 100.0));
        Group { vat_id: self.vat_id, rate: Some(self.rate), net, vat }
    }
}

fn sums(lines: &[Line]) -> Vec<Sum> {
    let mut sums: Vec<Sum> = Vec::new();
    for line in lines {
        let bearing = if line.bears_charges { line.net } else { 0.0 };
        match sums.iter_mut().find(|sum| sum.vat_id == line.vat_id && sum.rate == line.rate) {
            Some(sum) => {
                sum.net += line.net;
                sum.bearing += bearing;
            }
            None => sums.push(Sum { vat_id: line.vat_id, rate: line.rate, net: line.net, bearing, base: 0.0 }),
        }
    }
    sums.sort_by(|a, b| (a.vat_id, a.rate).partial_cmp(&(b.vat_id, b.rate)).unwrap_or(std::cmp::Ordering::Equal));
    sums
}

/// Charges fall on the groups by what of them bears charges; where nothing does, by their net.
fn spread(sums: &mut [Sum], charges: f64) {
    let bearing: f64 = sums.iter().map(|sum| sum.bearing).sum();
    let net: f64 = sums.iter().map(|sum| sum.net).sum();
    for sum in sums {
        let share = if !is_nothing(bearing) {
            sum.bearing / bearing
        } else if !is_nothing(net) {
            sum.net / net
        } else {
            0.0
        };
        sum.base = sum.net + charges * share;
    }
}

/// The group with the largest net, whatever its sign; of equal ones the higher rate, then the smaller VAT type.
fn largest(groups: &[Group], such: impl Fn(&Group) -> bool) -> Option<usize> {
    let order = |a: &Group, b: &Group| {
        let by_net = a.net.abs().total_cmp(&b.net.abs());
        let by_rate = a.rate.unwrap_or(0.0).total_cmp(&b.rate.unwrap_or(0.0));
        by_net.then(by_rate).then(b.vat_id.cmp(&a.vat_id))
    };
    let fitting = groups.iter().enumerate().filter(|(_, group)| such(group));
    fitting.max_by(|(_, a), (_, b)| order(a, b)).map(|(index, _)| index)
}

/// The rows of groups.
pub(super) fn rows(groups: &[Group]) -> Vec<Figures> {
    let row = |group: &Group| {
        vec![
            ("vat_id", Figure::from(group.vat_id)),
            ("rate", group.rate.into()),
            ("net_eur", group.net.into()),
            ("vat_eur", group.vat.into()),
        ]
    };
    groups.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(vat_id: i64, rate: f64, net: f64) -> Line {
        Line { vat_id: Some(vat_id), rate, net, bears_charges: true, deductible: None }
    }

    fn group(vat_id: i64, rate: f64, net: f64, vat: f64) -> Group {
        Group { vat_id: Some(vat_id), rate: Some(rate), net, vat }
    }

    #[test]
    fn lines_of_one_rate_are_one_group() {
        // 10.00 + 5.00 at 22 % = 3.30; 7.00 at 10 % = 0.70.
        let lines = [of(0, 22.0, 10.0), of(3, 10.0, 7.0), of(0, 22.0, 5.0)];
        assert_eq!(groups(&lines, 22.0, 0.0, 4.0), [group(0, 22.0, 15.0, 3.3), group(3, 10.0, 7.0, 0.7)]);
    }

    #[test]
    fn charges_fall_on_the_lines_that_bear_them() {
        // 4 % cassa on 100.00 alone = 4.00; the expense of 50.00 bears none.
        let expense = Line { bears_charges: false, ..of(6, 0.0, 50.0) };
        let lines = [of(0, 22.0, 100.0), expense];
        // 104.00 at 22 % = 22.88
        assert_eq!(groups(&lines, 150.0, 4.0, 22.88), [group(0, 22.0, 104.0, 22.88), group(6, 0.0, 50.0, 0.0)]);
        // No line bears any: by net. 10.00 · 50/50.
        let free = [Line { bears_charges: false, ..of(6, 0.0, 50.0) }];
        assert_eq!(groups(&free, 50.0, 10.0, 0.0), [group(6, 0.0, 60.0, 0.0)]);
    }

    #[test]
    fn lines_that_cancel_each_other_bear_no_charges() {
        // 0.10 + 0.20 - 0.30 is 5.6e-17 in binary: no share can be made of it, and the charges fall where the document says.
        let lines = [of(0, 22.0, 0.1), of(0, 22.0, 0.2), of(3, 10.0, -0.3)];
        // 22 %: 0.30, VAT 0.07; 10 %: -0.30, VAT -0.03; the 4.00 of charges go to the larger, of equal ones the higher rate.
        assert_eq!(groups(&lines, 0.0, 4.0, 0.04), [group(0, 22.0, 4.3, 0.07), group(3, 10.0, -0.3, -0.03)]);
    }

    #[test]
    fn the_document_is_right_and_the_largest_group_gives_way() {
        // Lines say 10.00 and 20.00, the document 29.99; VAT of the groups 2.20 + 2.00, the document's 4.21.
        let lines = [of(0, 22.0, 10.0), of(3, 10.0, 20.0)];
        assert_eq!(groups(&lines, 29.99, 0.0, 4.21), [group(0, 22.0, 10.0, 2.2), group(3, 10.0, 19.99, 2.01)]);
        // Of two equal ones the higher rate; VAT goes to a group with a rate.
        let lines = [of(6, 0.0, 30.0), of(3, 10.0, 10.0), of(0, 22.0, 10.0)];
        let all = groups(&lines, 50.0, 0.0, 3.25);
        assert_eq!(all, [group(0, 22.0, 10.0, 2.25), group(3, 10.0, 10.0, 1.0), group(6, 0.0, 30.0, 0.0)]);
    }

    #[test]
    fn a_document_without_lines_is_one_group_without_a_rate() {
        let all = groups(&[], 100.0, 4.0, 22.88);
        assert_eq!(all, [Group { vat_id: None, rate: None, net: 104.0, vat: 22.88 }]);
    }

    proptest! {
        #[test]
        fn groups_add_up_to_the_document(
            lines in proptest::collection::vec((0_i64..4, -100_000_i64..100_000, any::<bool>()), 0..12),
            off in -500_i64..500, charges in 0_i64..10_000, vat in -100_000_i64..100_000,
        ) {
            let lines: Vec<Line> = lines
                .iter()
                .map(|(id, net, bears)| Line { bears_charges: *bears, ..of(*id, [22.0, 10.0, 4.0, 0.0][*id as usize], *net as f64 / 100.0) })
                .collect();
            let net = cents(lines.iter().map(|l| l.net).sum::<f64>() + off as f64 / 100.0);
            let (charges, vat) = (charges as f64 / 100.0, vat as f64 / 100.0);
            let all = groups(&lines, net, charges, vat);
            prop_assert_eq!(cents(all.iter().map(|g| g.net).sum()), cents(net + charges));
            prop_assert_eq!(cents(all.iter().map(|g| g.vat).sum()), vat);
        }
    }
}
