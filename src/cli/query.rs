//! What `query` takes.

use clap::Args;

/// Stands below its help page.
pub(super) const EXAMPLES: &str = "\
Examples:
  ficsync query
  ficsync query --help receivables_aging
  ficsync query receivables_aging today=2026-06-30
  ficsync query turnover_by_client --format csv > clients.csv

Files NAME.sql in the folder queries beside the configuration file are queries too, and win over those of the same name.";

/// `query`.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// The query
    pub name: Option<String>,
    /// Its parameters, each once: KEY=VALUE
    #[arg(value_name = "KEY=VALUE")]
    pub parameters: Vec<String>,
    /// Only this account
    #[arg(long, value_name = "N")]
    pub account_id: Option<i64>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// What a query asks, what its answer is and cannot know, and its parameters; without a name, this page
    #[arg(short, long)]
    pub help: bool,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns side by side, for people
    Table,
    /// RFC 4180, with a head
    Csv,
    /// One document
    Json,
    /// A table in Markdown
    Markdown,
}
