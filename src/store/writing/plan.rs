//! What is known of a table's statements before the first record comes: which members of a record they want, and what to
//! bind to each parameter.
//!
//! In: a table of the registry. Out: a [`Plan`], made once per process.

use super::own::{Name, Own};
use crate::money::WorkOut;
use crate::resource::{Child, Rows, Table};
use crate::store::columns::{Kind, Parameter, Paths, value};
use anyhow::{Result, anyhow};
use rusqlite::{Connection, Statement};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What a parameter gets.
#[derive(Debug)]
enum Source {
    /// A member of the record, or of an element of its list.
    Member(Kind, usize),
    /// Something of ficsync's.
    Own(Name),
}

/// A statement's parameters, in their order.
#[derive(Debug)]
pub struct Binding {
    sources: Vec<Source>,
}

/// All that is known of a table's statements.
#[derive(Debug)]
pub struct Plan {
    /// The members that are wanted.
    pub paths: Paths,
    /// Of the record's own statement.
    pub record: Binding,
    /// Of the children's, in the table's order.
    pub children: Vec<Binding>,
}

/// The plan of a table.
///
/// # Errors
/// The database's, and when a statement has a parameter that says nothing.
pub fn of(conn: &Connection, table: &'static Table) -> Result<&'static Plan> {
    static PLANS: Mutex<BTreeMap<&str, &'static Plan>> = Mutex::new(BTreeMap::new());
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(plan) = plans.get(table.name) {
        return Ok(plan);
    }
    // A few kilobytes for each table of the registry, for as long as the process lives.
    let plan: &'static Plan = Box::leak(Box::new(make(conn, table)?));
    plans.insert(table.name, plan);
    Ok(plan)
}

fn make(conn: &Connection, table: &Table) -> Result<Plan> {
    let mut paths = Paths::default();
    let record = Binding::new(&conn.prepare(table.insert)?, &mut paths)?;
    let mut children = Vec::new();
    for child in table.children {
        let statement = conn.prepare(child.insert)?;
        children.push(match child.rows {
            Rows::List(name) => Binding::new(&statement, paths.list(name).1)?,
            Rows::WorkedOut(_) => Binding::new(&statement, &mut Paths::default())?,
        });
    }
    if let Some(WorkOut { members, lists, .. }) = table.work_out {
        members.iter().for_each(|path| _ = paths.want(path));
        for (name, members) in *lists {
            let (_, elements) = paths.list(name);
            members.iter().for_each(|path| _ = elements.want(path));
        }
    }
    Ok(Plan { paths, record, children })
}

impl Plan {
    /// The place of a child's list among those of a record.
    pub fn paths_of(&self, child: &Child) -> Option<usize> {
        match child.rows {
            Rows::List(name) => self.paths.place_of(name),
            Rows::WorkedOut(_) => None,
        }
    }
}

impl Binding {
    fn new(statement: &Statement<'_>, paths: &mut Paths) -> Result<Self> {
        let source = |index| {
            let name = statement.parameter_name(index).unwrap_or("?");
            match Parameter::read(name) {
                Some(Parameter::Own(own)) => Ok(Source::Own(Name::read(own))),
                Some(Parameter::Member(kind, path)) => Ok(Source::Member(kind, paths.want(&path))),
                None => Err(anyhow!("a statement's parameter {name} says nothing")),
            }
        };
        Ok(Self { sources: (1..=statement.parameter_count()).map(source).collect::<Result<_>>()? })
    }

    /// Runs a statement with the values of a row.
    pub fn run(&self, statement: &mut Statement<'_>, members: &[Option<&str>], own: &Own<'_>) -> Result<()> {
        for (index, source) in self.sources.iter().enumerate() {
            let value = match source {
                Source::Member(kind, slot) => value(*kind, members.get(*slot).copied().flatten()),
                Source::Own(name) => own.value(name),
            };
            statement.raw_bind_parameter(index + 1, value)?;
        }
        statement.raw_execute()?;
        Ok(())
    }
}
