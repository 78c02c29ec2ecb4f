//! The sums of a document: lines, funds, VAT by groups, taxes withheld, what is left to pay. In: lines and percentages.
//! Out: cents. Totals follow from the lines.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{money, price, reference, rounded};
use crate::italy;

/// One line of a document.
pub(super) struct Line {
    net: i64,
    rate: i64,
    vat_id: i64,
    withheld: bool,
    pub(super) value: Value,
}

/// Percentages that a document adds and takes away.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extras {
    rivalsa: i64,
    cassa: i64,
    cassa2: i64,
    withholding: i64,
    withholding_taxable: i64,
    other_withholding: i64,
}

/// What they come to, in cents.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) net: i64,
    pub(super) vat: i64,
    /// Net of what is not subject to VAT, outside its field and exempt.
    pub(super) without_vat: i64,
    taxable: i64,
    rivalsa: i64,
    cassa: i64,
    cassa2: i64,
    withholding: i64,
    withholding_base: i64,
    other_withholding: i64,
}

impl Extras {
    /// Those of a professional: one in six documents has a fund, a tax withheld, or both.
    pub(super) fn draw(rng: &mut Rng) -> Extras {
        let plain = Extras { withholding_taxable: 100, ..Extras::default() };
        match rng.u8(..24) {
            0 => Extras { rivalsa: 4, withholding: 20, ..plain },
            1 => Extras { cassa: 4, withholding: 20, ..plain },
            2 => Extras { cassa: 2, cassa2: 4, withholding: 20, ..plain },
            3 => Extras { withholding: 23, withholding_taxable: 50, other_withholding: 8, ..plain },
            _ => plain,
        }
    }
}

impl Totals {
    pub(super) fn of(lines: &[Line], extras: &Extras) -> Totals {
        let sum = |wanted: &dyn Fn(&Line) -> bool| -> i64 {
            lines.iter().filter(|line| wanted(line)).map(|line| line.net).sum()
        };
        let taxable = sum(&|line| line.withheld);
        let share = |percent: i64| rounded(i128::from(taxable) * i128::from(percent), 100);
        let (rivalsa, cassa, cassa2) = (share(extras.rivalsa), share(extras.cassa), share(extras.cassa2));
        let withholding_base = rounded(i128::from(taxable + rivalsa) * i128::from(extras.withholding_taxable), 100);
        let of_base = |percent: i64| rounded(i128::from(withholding_base) * i128::from(percent), 100);
        Totals {
            net: sum(&|_| true),
            vat: vat(lines, rivalsa + cassa + cassa2, taxable),
            without_vat: sum(&|line| line.rate == 0),
            taxable,
            rivalsa,
            cassa,
            cassa2,
            withholding: of_base(extras.withholding),
            withholding_base,
            other_withholding: of_base(extras.other_withholding),
        }
    }

    /// Net, funds and VAT.
    pub(super) fn gross(&self) -> i64 {
        self.net + self.rivalsa + self.cassa + self.cassa2 + self.vat
    }

    /// What is left to pay: taxes withheld go to the State, and so does the VAT of a split payment.
    pub(super) fn due(&self, split: bool) -> i64 {
        self.gross() - self.withholding - self.other_withholding - if split { self.vat } else { 0 }
    }

    pub(super) fn withheld(&self) -> (i64, i64) {
        (self.withholding, self.other_withholding)
    }

    /// All members of an issued document that are percentages and amounts, but for the stamp duty.
    pub(super) fn members(&self, extras: &Extras) -> Map<String, Value> {
        let base = money(self.taxable);
        super::documents::map(json!({
            "rivalsa": extras.rivalsa, "cassa": extras.cassa, "amount_cassa": money(self.cassa),
            "cassa_taxable": if extras.cassa > 0 { 100 } else { 0 },
            "amount_cassa_taxable": if extras.cassa > 0 { base.clone() } else { 0.into() },
            "cassa2": extras.cassa2, "amount_cassa2": money(self.cassa2),
            "cassa2_taxable": if extras.cassa2 > 0 { 100 } else { 0 },
            "amount_cassa2_taxable": if extras.cassa2 > 0 { base.clone() } else { 0.into() },
            "global_cassa_taxable": 0, "amount_global_cassa_taxable": 0,
            "withholding_tax": extras.withholding, "withholding_tax_taxable": extras.withholding_taxable,
            "other_withholding_tax": extras.other_withholding,
            "amount_net": money(self.net), "amount_vat": money(self.vat),
            "amount_gross": money(self.gross()), "amount_due_discount": 0,
            "amount_rivalsa": money(self.rivalsa),
            "amount_rivalsa_taxable": if extras.rivalsa > 0 { base } else { 0.into() },
            "amount_withholding_tax": money(self.withholding),
            "amount_withholding_tax_taxable": money(if extras.withholding > 0 { self.withholding_base } else { 0 }),
            "amount_other_withholding_tax": money(self.other_withholding),
            "amount_other_withholding_tax_taxable":
                money(if extras.other_withholding > 0 { self.withholding_base } else { 0 }),
            "amount_enasarco_taxable": 0,
        }))
    }
}

/// VAT by groups of (type, rate): each group bears its share of the funds, and is rounded once.
fn vat(lines: &[Line], funds: i64, taxable: i64) -> i64 {
    let mut groups: Vec<(i64, i64, i64, i64)> = Vec::new();
    for line in lines {
        let bears = if line.withheld { line.net } else { 0 };
        match groups.iter_mut().find(|(id, rate, ..)| (*id, *rate) == (line.vat_id, line.rate)) {
            Some((_, _, net, bearing)) => (*net, *bearing) = (*net + line.net, *bearing + bears),
            None => groups.push((line.vat_id, line.rate, line.net, bears)),
        }
    }
    let whole = if taxable == 0 { 1 } else { taxable };
    let group = |(_, rate, net, bears): &(i64, i64, i64, i64)| {
        let base = i128::from(*net) * i128::from(whole) + i128::from(funds) * i128::from(*bears);
        rounded(base * i128::from(*rate), i128::from(whole) * 100)
    };
    groups.iter().map(group).sum()
}

/// One to six lines; some are discounted, some give something back, a few documents are negative as a whole where
/// `refunds` allows it: credit notes are positive at the service.
pub(super) fn lines(rng: &mut Rng, id: i64, products: &[i64], refunds: bool) -> Vec<Line> {
    let refund = rng.u8(..25) == 0 && refunds;
    let count = rng.i64(1..7);
    (0..count)
        .map(|place| {
            let sign = if refund || (place > 0 && rng.u8(..12) == 0) { -1 } else { 1 };
            line(rng, id * 10 + place, sign, products)
        })
        .collect()
}

fn line(rng: &mut Rng, id: i64, sign: i64, products: &[i64]) -> Line {
    const GOODS: [(&str, &str, &str, &str); 6] = [
        ("Soggiorno", "notti", "servizi", "Camera doppia, vista lago"),
        ("Consulenza", "ore", "servizi", "Attività di consulenza – fase 2\nTrasferta inclusa"),
        ("Tavolo di marmo", "pz", "arredamento", "Tavolo in marmo pregiato, 120×80 cm"),
        ("Caffè macinato 250 g", "", "caffè", ""),
        ("Sconto fedeltà", "", "", "È un premio"),
        ("Acqua \"Frizzante\"", "bt", "", ""),
    ];
    let (name, measure, category, description) = *italy::pick(rng, &GOODS);
    let quarters = *italy::pick(rng, &[4, 4, 4, 8, 12, 2, 9, 40]);
    // A third of the prices are whole euros, so that whole totals occur.
    let units = if rng.u8(..3) == 0 { rng.i64(1..500) * 100_000 } else { rng.i64(1_000..90_000_000) } * sign;
    let permille = *italy::pick(rng, &[0, 0, 0, 0, 100, 125]);
    let kind = reference::draw_vat(rng);
    let withheld = rng.u8(..10) > 0;
    let net = rounded(i128::from(units) * i128::from(quarters) * (1000 - permille), 4 * 1000 * 1000);
    let product = if rng.bool() { Value::Null } else { product(rng, products) };
    let with_vat = units + rounded(i128::from(units) * i128::from(kind.rate), 100);
    let value = json!({
        "id": id, "product_id": product,
        "code": if rng.u8(..3) == 0 { Value::from("") } else { Value::from(format!("ART{}", rng.u16(..1000))) },
        "name": name, "category": category, "description": description,
        "qty": quantity(quarters), "measure": measure,
        "net_price": price(units), "gross_price": price(with_vat), "vat": kind.short(),
        "not_taxable": false, "apply_withholding_taxes": withheld,
        "discount": if permille == 125 { json!(12.5) } else { json!(permille / 10) },
        "discount_highlight": false, "in_dn": false, "stock": false, "ei_raw": Value::Null,
    });
    Line { net, rate: kind.rate, vat_id: kind.id, withheld, value }
}

/// One of the company's products; where there are none, one that has been deleted.
fn product(rng: &mut Rng, products: &[i64]) -> Value {
    match products {
        [] => rng.i64(1000..9999).into(),
        _ => (*italy::pick(rng, products)).into(),
    }
}

fn quantity(quarters: i64) -> Value {
    if quarters % 4 == 0 { Value::from(quarters / 4) } else { Value::from(quarters as f64 / 4.0) }
}
