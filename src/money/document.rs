//! Issued documents: invoices, credit notes, quotes and their like.

use super::payments::{PAYMENT, payments};
use super::vat::{self, LINE};
use super::{Figure, Members, Whole, WorkOut, Worked, cents, exchange_rate};

/// How issued documents are worked out.
pub static ISSUED: WorkOut = WorkOut {
    members: &[
        "date",
        "number",
        "numeration",
        "currency.id",
        "currency.exchange_rate",
        "amount_net",
        "amount_vat",
        "amount_rivalsa",
        "amount_cassa",
        "amount_cassa2",
        "amount_withholding_tax",
        "amount_other_withholding_tax",
        "use_split_payment",
        "ei_data.vat_kind",
    ],
    lists: &[("items_list", LINE), ("payments_list", PAYMENT)],
    work_out,
};

fn work_out(record: &dyn Whole, sign: i64) -> Worked {
    let rate = exchange_rate(record);
    let euro = |path: &str| cents(record.num(path).unwrap_or(0.0) / rate);
    let (net, vat, rivalsa) = (euro("amount_net"), euro("amount_vat"), euro("amount_rivalsa"));
    let both_funds = record.num("amount_cassa").unwrap_or(0.0) + record.num("amount_cassa2").unwrap_or(0.0);
    let cassa = cents(both_funds / rate);
    let revenue = cents(net + rivalsa);
    let lines: Vec<vat::Line> = record.list("items_list").iter().map(|item| vat::line(item.as_ref(), rate)).collect();
    let (paid, instalments) = payments(&record.list("payments_list"), record.text("date").as_deref(), rate);
    let mut figures = vec![
        ("sign", Figure::Int(sign)),
        ("label", label(record).into()),
        ("exchange_rate", rate.into()),
        ("split_payment", is_split(record).into()),
        ("net_eur", net.into()),
        ("vat_eur", vat.into()),
        ("rivalsa_eur", rivalsa.into()),
        ("cassa_eur", cassa.into()),
        ("withholding_eur", euro("amount_withholding_tax").into()),
        ("other_withholding_eur", euro("amount_other_withholding_tax").into()),
        ("revenue_eur", revenue.into()),
        ("base_eur", cents(revenue + cassa).into()),
    ];
    figures.extend(paid);
    let items = lines.iter().map(|line| vec![("net_eur", line.net.into())]).collect();
    let groups = vat::groups(&lines, net, cents(rivalsa + cassa), vat);
    Worked {
        record: figures,
        lists: vec![("items_list", items), ("payments_list", instalments)],
        rows: vec![("vat", vat::rows(&groups))],
    }
}

/// `12/A`: number and numeration. Nothing where there is no number.
fn label(record: &dyn Members) -> Option<String> {
    let number = record.int("number")?;
    Some(format!("{number}{}", record.text("numeration").unwrap_or_default()))
}

/// Whether the client, a public body, pays the VAT to the state himself.
fn is_split(record: &dyn Members) -> bool {
    record.int("use_split_payment") == Some(1) || record.text("ei_data.vat_kind").as_deref() == Some("S")
}
