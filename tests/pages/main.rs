//! What people read: the cookbook and the schema in `sql/`, README and the pages in `docs/`. What they show is run.

#![allow(clippy::expect_used)] // a test that cannot go on should stop
#![allow(clippy::print_stderr)] // what is skipped is said

mod docs;
mod help;
mod promises;

mod schema_text;
mod sql;
mod walk;
mod words;
mod world;
