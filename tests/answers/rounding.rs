//! Amounts are rounded by ficsync as they are by SQLite.

use ficsync::money::cents;
use proptest::prelude::*;

proptest! {
    #[test]
    fn sqlite_rounds_alike(thousandths in -100_000_000_i64..100_000_000, by in 1_i64..400) {
        let conn = rusqlite::Connection::open_in_memory().expect("memory");
        for x in [thousandths as f64 / 1_000.0, thousandths as f64 / by as f64, thousandths as f64 / 8.0] {
            let there: f64 = conn.query_row("SELECT round(?1, 2)", [x], |row| row.get(0)).expect("a number");
            prop_assert_eq!(cents(x), there, "{}", x);
        }
    }
}
