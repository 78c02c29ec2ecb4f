//! Two SQL functions that the upsert statements use: numbers where there are numbers, null where there are none.
//!
//! They exist on ficsync's connections only, so no view or index uses them.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

/// Adds `int_or_null(x)` and `num_or_null(x)` to a connection.
pub fn register(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("int_or_null", 1, flags, |ctx| {
        Ok(match ctx.get_raw(0) {
            ValueRef::Integer(n) => Some(n),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(|t| t.trim().parse().ok()),
            _ => None,
        })
    })?;
    conn.create_scalar_function("num_or_null", 1, flags, |ctx| {
        Ok(match ctx.get_raw(0) {
            ValueRef::Integer(n) => Some(n as f64),
            ValueRef::Real(x) => Some(x),
            ValueRef::Text(text) => {
                std::str::from_utf8(text).ok().and_then(|t| t.trim().parse::<f64>().ok()).filter(|x| x.is_finite())
            }
            _ => None,
        })
    })
}
