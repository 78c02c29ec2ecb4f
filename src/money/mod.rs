//! What a document's row holds beside the record's own members: amounts in euro, what is paid and open, VAT by rate.
//!
//! In: a record's members, by their paths. Out: values by the names that the statements in `sql/` have for them. Pure: no
//! table, no other record. How each figure is defined stands in docs/figures.md.

mod document;
mod payments;
mod received;
mod round;
mod vat;

pub use document::ISSUED;
pub use received::RECEIVED;
pub use round::cents;
pub(crate) use round::is_nothing;

/// A value that was worked out.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// Nothing.
    Null,
    /// A whole number, or a flag: 0, 1.
    Int(i64),
    /// An amount, a rate, a share.
    Num(f64),
    /// A text.
    Text(String),
}

/// Values by the names of their parameters, without the colon.
pub type Figures = Vec<(&'static str, Figure)>;

/// Members of an object, by their paths: `entity.name`. What is missing, null or of another type is nothing.
pub trait Members {
    /// A finite number, also one in quotes.
    fn num(&self, path: &str) -> Option<f64>;
    /// A whole number, also one in quotes; true and false are 1 and 0.
    fn int(&self, path: &str) -> Option<i64>;
    /// A text.
    fn text(&self, path: &str) -> Option<String>;
}

/// A record with the lists in it.
pub trait Whole: Members {
    /// The elements of a list that are objects.
    fn list(&self, name: &str) -> Vec<Box<dyn Members + '_>>;
}

/// What was worked out for a record.
#[derive(Debug, Default)]
pub struct Worked {
    /// For its own row.
    pub record: Figures,
    /// For the rows of the elements of a list, in their order.
    pub lists: Vec<(&'static str, Vec<Figures>)>,
    /// Rows that no list has, by the name of their child: see `resource::Child`.
    pub rows: Vec<(&'static str, Vec<Figures>)>,
}

/// How a kind of records is worked out, and the members that it needs.
#[derive(Debug)]
pub struct WorkOut {
    /// Paths of members of the record.
    pub members: &'static [&'static str],
    /// Lists, with the paths of their elements' members.
    pub lists: &'static [(&'static str, &'static [&'static str])],
    /// Works it out. `sign` is the resource type's: what a document counts for.
    pub work_out: fn(&dyn Whole, sign: i64) -> Worked,
}

impl From<Option<i64>> for Figure {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Null, Self::Int)
    }
}

impl From<Option<f64>> for Figure {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Null, Self::Num)
    }
}

impl From<Option<String>> for Figure {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

impl From<f64> for Figure {
    fn from(value: f64) -> Self {
        Self::Num(value)
    }
}

impl From<bool> for Figure {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

/// How many units of the document's currency a euro is: 1 for euros, and where no usable rate stands. The service's
/// `exchange_rate` is a text, "EUR to this" (OpenAPI description, `Currency`).
pub(crate) fn exchange_rate(record: &dyn Members) -> f64 {
    match record.text("currency.id").as_deref() {
        None | Some("EUR") => 1.0,
        Some(_) => record.num("currency.exchange_rate").filter(|rate| *rate > 0.0).unwrap_or(1.0),
    }
}
