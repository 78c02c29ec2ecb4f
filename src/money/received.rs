//! Received documents: expenses, passive credit notes and their like.

use super::payments::{PAYMENT, payments};
use super::vat::{self, LINE, Line};
use super::{Figure, Members, Whole, WorkOut, Worked, cents, exchange_rate, is_nothing};

/// How received documents are worked out.
pub static RECEIVED: WorkOut = WorkOut {
    members: &[
        "date",
        "currency.id",
        "currency.exchange_rate",
        "amount_net",
        "amount_vat",
        "amount_withholding_tax",
        "amount_other_withholding_tax",
        "tax_deductibility",
        "vat_deductibility",
    ],
    lists: &[("items_list", LINE), ("payments_list", PAYMENT)],
    work_out,
};

fn work_out(record: &dyn Whole, sign: i64) -> Worked {
    let rate = exchange_rate(record);
    let euro = |path: &str| cents(record.num(path).unwrap_or(0.0) / rate);
    let (net, vat) = (euro("amount_net"), euro("amount_vat"));
    let date = record.text("date");
    let lines: Vec<Line> = record.list("items_list").iter().map(|item| vat::line(item.as_ref(), rate)).collect();
    let (paid, instalments) = payments(&record.list("payments_list"), date.as_deref(), rate);
    let deductible_cost = net * record.num("tax_deductibility").unwrap_or(100.0) / 100.0;
    let mut figures = vec![
        ("sign", Figure::Int(sign)),
        ("year", year(date.as_deref()).into()),
        ("exchange_rate", rate.into()),
        ("net_eur", net.into()),
        ("vat_eur", vat.into()),
        ("withholding_eur", euro("amount_withholding_tax").into()),
        ("other_withholding_eur", euro("amount_other_withholding_tax").into()),
        ("deductible_vat_eur", cents(vat * deductible_share(record, &lines)).into()),
        ("deductible_cost_eur", cents(deductible_cost).into()),
    ];
    figures.extend(paid);
    let items = lines.iter().map(|line| vec![("net_eur", line.net.into())]).collect();
    let groups = vat::groups(&lines, net, 0.0, vat);
    Worked {
        record: figures,
        lists: vec![("items_list", items), ("payments_list", instalments)],
        rows: vec![("vat", vat::rows(&groups))],
    }
}

/// Which share of the VAT may be deducted: the lines', weighted by their VAT, where one of them says it; else the
/// document's; else all.
fn deductible_share(record: &dyn Members, lines: &[Line]) -> f64 {
    let of_document = record.num("vat_deductibility").unwrap_or(100.0);
    let vat = |line: &Line| line.net * line.rate / 100.0;
    let all: f64 = lines.iter().map(vat).sum();
    if is_nothing(all) || lines.iter().all(|line| line.deductible.is_none()) {
        return of_document / 100.0;
    }
    let deductible: f64 = lines.iter().map(|line| vat(line) * line.deductible.unwrap_or(of_document) / 100.0).sum();
    deductible / all
}

/// The year of a date, 2026-01-31.
fn year(date: Option<&str>) -> Option<i64> {
    date?.get(..4)?.parse().ok()
}
