//! Tables for people: columns side by side, no lines between them, so that `grep` and `awk` work.
//!
//! In: a head and rows. Out: text without spaces at the ends of lines.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// The table as text, one line per row.
pub fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(head);
    for row in rows {
        table.add_row(row.map(|cell| one_line(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The same for columns that are known only now; those that are `numeric` stand on the right.
pub fn columns(head: &[String], rows: Vec<Vec<String>>, numeric: &[bool]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(head);
    for row in rows {
        table.add_row(row.iter().map(|cell| one_line(cell)));
    }
    for (column, number) in table.column_iter_mut().zip(numeric) {
        column.set_padding((0, 2));
        column.set_cell_alignment(if *number { CellAlignment::Right } else { CellAlignment::Left });
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A cell must not break its line, nor speak to the terminal.
fn one_line(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A value that may be missing.
pub fn or_dash(value: Option<&str>) -> String {
    value.filter(|v| !v.is_empty()).unwrap_or("-").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lines_without_borders() {
        let text =
            table(["id", "name"], [["1".to_owned(), "Rossi\n\u{1b}srl".to_owned()], ["20".to_owned(), "B".to_owned()]]);
        assert_eq!(text, "id  name\n1   Rossi  srl\n20  B");
    }
}
