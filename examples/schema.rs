//! Prints the final schema, for `sql/schema.sql`: `make schema` writes it, a test compares it.
//!
//! ```text
//! cargo run --example schema > sql/schema.sql
//! ```

use std::io::Write;

use anyhow::Result;
use ficsync::clock::Clock;
use ficsync::store::Store;

#[path = "../tests/pages/schema_text.rs"]
mod schema_text;

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("schema.db");
    drop(Store::open(&file, Clock::default())?);
    let text = schema_text::of(&rusqlite::Connection::open(&file)?)?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
