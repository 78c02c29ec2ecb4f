//! What people read: the cookbook and the schema in `sql/`, README and the pages in `docs/`. What they show is run.

mod docs;
mod schema_text;
mod sql;
mod words;
mod world;
