//! How records of a table are written: the row of a record, and the rows of its lists.
//!
//! In: a record's text and what ficsync knows of it. Out: rows. Which value stands in which column is said by the
//! statements in `sql/` (see `columns`), what is worked out by `crate::money`. Decides nothing: see `mirror`.

#[cfg(test)]
mod contract;
mod own;
mod plan;
mod reading;

use super::Tx;
use super::columns::Row;
use crate::money::{Figures, Worked};
use crate::resource::{Child, Rows, Table};
use anyhow::{Context, Result};
use own::Own;
use plan::Plan;
use reading::Reading;
use rusqlite::CachedStatement;

pub use own::About;

/// Writes records of one table, in one transaction.
pub struct Writer<'tx> {
    table: &'static Table,
    plan: &'static Plan,
    record: CachedStatement<'tx>,
    children: Vec<CachedStatement<'tx>>,
    clear: Vec<CachedStatement<'tx>>,
}

impl<'tx> Writer<'tx> {
    /// Makes the statements ready.
    pub fn new(tx: &'tx Tx<'_>, table: &'static Table) -> Result<Self> {
        let plan = plan::of(tx, table)?;
        let prepare = |child: &Child| tx.prepare_cached(child.insert);
        let clear = |child: &Child| tx.prepare_cached(&format!("DELETE FROM {} WHERE parent = ?1", child.table));
        Ok(Self {
            table,
            plan,
            record: tx.prepare_cached(table.insert)?,
            children: table.children.iter().map(prepare).collect::<rusqlite::Result<_>>()?,
            clear: table.children.iter().map(clear).collect::<rusqlite::Result<_>>()?,
        })
    }

    /// Writes a record. One that has its row already is replaced.
    pub fn write(&mut self, raw: &str, about: About<'_>, replaces: bool) -> Result<()> {
        if replaces {
            self.clear(about.row)?;
        }
        let found = self.plan.paths.read(raw);
        let found = found.with_context(|| format!("{} {} cannot be read", about.resource, about.id))?;
        let reading = Reading::new(&self.plan.paths, &found);
        let worked = self.table.work_out.map(|how| (how.work_out)(&reading, about.sign)).unwrap_or_default();
        let own = Own { about: &about, raw, position: 0, figures: &worked.record };
        self.plan.record.run(&mut self.record, &found.members, &own)?;
        for (index, child) in self.table.children.iter().enumerate() {
            for row in rows(&self.plan.paths_of(child), child, &found.lists, &worked) {
                let own = Own { about: &about, raw, position: row.position, figures: row.figures };
                self.plan.children[index].run(&mut self.children[index], row.members, &own)?;
            }
        }
        Ok(())
    }

    /// Takes the rows of a record's lists away.
    pub fn clear(&mut self, row: i64) -> Result<()> {
        for statement in &mut self.clear {
            statement.execute([row])?;
        }
        Ok(())
    }
}

/// A row of a child.
struct ChildRow<'a> {
    position: i64,
    members: &'a [Option<&'a str>],
    figures: &'a [(&'static str, crate::money::Figure)],
}

/// The rows of a child. `list` is the place of its list among `lists`.
fn rows<'a>(
    list: &Option<usize>,
    child: &Child,
    lists: &'a [Vec<(i64, Row<'a>)>],
    worked: &'a Worked,
) -> Vec<ChildRow<'a>> {
    match child.rows {
        Rows::List(name) => {
            let elements = list.and_then(|place| lists.get(place)).map_or(&[][..], Vec::as_slice);
            let figures = named(&worked.lists, name);
            let row = |(index, (position, members)): (usize, &'a (i64, Row<'a>))| ChildRow {
                position: *position,
                members,
                figures: figures.get(index).map_or(&[], Vec::as_slice),
            };
            elements.iter().enumerate().map(row).collect()
        }
        Rows::WorkedOut(name) => {
            let row = |(position, figures)| ChildRow { position, members: &[], figures };
            (0..).zip(named(&worked.rows, name).iter().map(Vec::as_slice)).map(row).collect()
        }
    }
}

fn named<'a>(all: &'a [(&'static str, Vec<Figures>)], name: &str) -> &'a [Figures] {
    all.iter().find(|(other, _)| *other == name).map_or(&[], |(_, rows)| rows)
}
