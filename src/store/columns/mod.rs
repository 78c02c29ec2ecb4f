//! From a record's JSON to the values of its statements, in one pass over the text.
//!
//! In: statements whose parameters say where in the record a value stands and what it is to become, `$text(entity.name)`,
//! and a record's text. Out: values to bind. What a column is called and where it comes from thus stands in `sql/` alone:
//! see sql/README.md, "Statements of a resource type". Writes nothing itself, and knows no resource type.

mod names;
mod parameter;
mod read;
mod value;

pub use parameter::{Kind, Parameter};
pub use read::{Found, Paths, Row};
pub use value::{int, num, text, value};
