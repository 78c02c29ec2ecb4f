//! What can be typed. The comments here are the help texts; there is no logic. Which page shows which global flag: `help`.

mod help;

use crate::resource;
use crate::settings::Flags;
use crate::settings::parse::{self, Listen};
use crate::store::events;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, FromArgMatches, Parser, Subcommand};
use jiff::SignedDuration;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Fatture in Cloud in one SQLite file: clients, suppliers, invoices, quotes, always current.
///
/// `ficsync sync all`, run by a timer, mirrors them; afterwards each run asks only for what changed. Query the file with
/// sqlite3.
#[derive(Debug, Parser)]
#[command(name = "ficsync", version, propagate_version = true, max_term_width = 100, after_long_help = EXAMPLES)]
pub struct Cli {
    /// What applies to every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  ficsync account add --name 'Rossi srl' --token-file token.txt
  ficsync sync all
  ficsync status
  sqlite3 \"$(ficsync db path)\" 'SELECT number, date, amount_gross FROM invoices ORDER BY date DESC LIMIT 5'

Exit codes:
   0  done
   1  failed; the last line on stderr says what and what to do
   2  wrong usage
  75  stopped early (quota, --max-requests, a signal, another run); nothing is lost, run again
  77  credentials missing, invalid, expired or without the scope asked for
  78  settings invalid, or the database file is another program's";

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The database file [env: FICSYNC_DB] [default: /var/lib/ficsync/ficsync.db where that folder can be written,
    /// else $XDG_DATA_HOME/ficsync/ficsync.db]
    #[arg(long, global = true, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// The configuration file [env: FICSYNC_CONFIG] [default: /etc/ficsync/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Base of the service's API [env: FICSYNC_API_URL] [default: https://api-v2.fattureincloud.it]
    #[arg(long, global = true, value_name = "URL", value_parser = parse::api_url)]
    pub api_url: Option<Url>,
    /// How long one answer of the service may take to begin [env: FICSYNC_TIMEOUT] [default: 30s]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse::patience)]
    pub timeout: Option<Duration>,
    /// Where the webhook listener listens [env: FICSYNC_LISTEN] [default: 127.0.0.1:8787]
    #[arg(long, global = true, value_name = "ADDRESS", value_parser = parse::listen)]
    pub listen: Option<Listen>,
    /// Worker threads of the webhook listener [env: FICSYNC_WORKERS] [default: 4]
    #[arg(long, global = true, value_name = "N", value_parser = parse::workers)]
    pub workers: Option<usize>,
    /// Public https base URL under which the service reaches the listener [env: FICSYNC_PUBLIC_URL]
    #[arg(long, global = true, value_name = "URL", value_parser = parse::public_url)]
    pub public_url: Option<Url>,
    /// Say more on stderr: -v each request, -vv everything [env: RUST_LOG]
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Say less on stderr: -q warnings and errors, -qq errors
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    pub quiet: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Companies and their tokens
    #[command(subcommand)]
    Account(AccountCommand),
    /// Mirror the service: everything at first, then what changed
    #[command(after_help = SYNC_EXAMPLES)]
    Sync(SyncArgs),
    /// Take the service's webhooks, and keep the tables current within seconds
    #[command(after_help = LISTEN_EXAMPLES)]
    WebhookListen,
    /// What the service sends to the listener, and where to
    #[command(subcommand)]
    Subscriptions(SubscriptionsCommand),
    /// The same as `subscriptions sync`
    SyncSubscriptions {
        /// Show differences only, write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// What is mirrored, how old it is, what went wrong, what quota is left
    Status(StatusArgs),
    /// Look for what is wrong, and name the command that mends it
    Doctor(DoctorArgs),
    /// Webhook events: what came, what became of it
    #[command(subcommand)]
    Events(EventsCommand),
    /// The database file
    #[command(subcommand)]
    Db(DbCommand),
    /// Print completions for a shell
    #[command(after_help = "Example:\n  ficsync completions bash > /etc/bash_completion.d/ficsync")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n  ficsync man | man -l -")]
    Man,
}

/// Companies and their tokens.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add a company by a token made on the service's web page
    #[command(after_help = "Example:\n  ficsync account add --name 'Rossi srl' --token-file token.txt\n\n\
        Prints the new account's id. The company is found by the token; where the token sees several, name one.")]
    Add {
        /// Your name for it
        #[arg(long)]
        name: String,
        /// The company's id at the service, where the token sees several
        #[arg(long, value_name = "N")]
        company_id: Option<i64>,
        /// The token.
        #[command(flatten)]
        token: TokenSource,
    },
    /// Add a company by OAuth: opens the browser, keeps the refresh token
    #[command(after_help = "Example, on a server without a browser:\n  \
        ficsync account login --name 'Rossi srl' --client-id ID --client-secret-file secret.txt --paste\n\n\
        The app's redirect URL must be http://127.0.0.1:8788/callback (register it with the service).")]
    Login(LoginArgs),
    /// List the accounts
    List {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Show one account
    Show {
        /// The account
        id: i64,
    },
    /// Ask the service whether tokens and scopes are good (one request per account and resource)
    Check {
        /// The account; without it all
        id: Option<i64>,
    },
    /// Give an account another token
    #[command(after_help = "Example:\n  ficsync account set-token 1 --token-file token.txt")]
    SetToken {
        /// The account
        id: i64,
        /// The token.
        #[command(flatten)]
        token: TokenSource,
    },
    /// Remove an account with its rows, events and credentials
    Remove {
        /// The account
        id: i64,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Delete its webhook subscriptions at the service first; otherwise they are only named
        #[arg(long)]
        with_subscriptions: bool,
    },
}

/// Where a token is read from. Never from the command line, which others can see.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct TokenSource {
    /// Read the token from a file
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Read the token from standard input
    #[arg(long)]
    pub token_stdin: bool,
}

/// `account login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// Your name for it
    #[arg(long)]
    pub name: String,
    /// The app's client id
    #[arg(long, value_name = "ID")]
    pub client_id: String,
    /// A file with the app's client secret
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: PathBuf,
    /// The company's id at the service, where the login sees several
    #[arg(long, value_name = "N")]
    pub company_id: Option<i64>,
    /// A scope to ask for; without it those of all mirrored resources
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// Paste the address that the browser was sent to, instead of listening for it
    #[arg(long, conflicts_with = "no_browser")]
    pub paste: bool,
    /// Print the address to open instead of opening the browser
    #[arg(long)]
    pub no_browser: bool,
}

/// `sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// What to mirror [default: all]
    #[arg(value_name = "RESOURCE", value_parser = PossibleValuesParser::new(
        std::iter::once("all").chain(resource::names())))]
    pub resources: Vec<String>,
    /// Only this account; can be given several times
    #[arg(long = "account-id", value_name = "N")]
    pub accounts: Vec<i64>,
    /// So many accounts are at work at the same time, 1 to 64 [env: FICSYNC_JOBS] [default: 8]
    #[arg(long, value_name = "N", value_parser = parse::jobs)]
    pub jobs: Option<usize>,
    /// Look only at what is due: active lists often, quiet ones seldom, within a share of the month's quota
    #[arg(long, conflicts_with_all = ["full", "dry_run"])]
    pub due: bool,
    /// Say how often each list is looked at and why, when it is due, and what that costs; asks and writes nothing
    #[arg(long, conflicts_with_all = ["full", "dry_run", "due"])]
    pub plan: bool,
    /// Walk everything again instead of asking for changes
    #[arg(long)]
    pub full: bool,
    /// Say what would be asked and written: at most one request per resource, nothing is written
    #[arg(long)]
    pub dry_run: bool,
    /// Stop after so many requests; the next run goes on from there
    #[arg(long, value_name = "N")]
    pub max_requests: Option<u64>,
    /// Believe the service when it says that a large part of a resource is gone
    #[arg(long)]
    pub allow_mass_delete: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

const SYNC_EXAMPLES: &str = "\
Examples:
  ficsync sync all
  ficsync sync all --due
  ficsync sync all --plan
  ficsync sync clients invoices --account-id 2
  ficsync sync all --full --max-requests 200
  ficsync sync all --jobs 32";

const LISTEN_EXAMPLES: &str = "\
Examples:
  ficsync webhook-listen --public-url https://hooks.example.it
  ficsync webhook-listen --listen unix:/run/ficsync/webhook.sock --workers 8

The service sends to https://hooks.example.it/api/webhooks/fic/ACCOUNT/GROUP: let a reverse proxy with TLS pass
/api/webhooks/fic/ on to the listener, and nothing else. /healthz and /metrics are answered there too, for this machine.
A socket passed by systemd goes before --listen. SIGTERM ends it within 10 seconds; nothing that was answered is lost.";

/// `status`.
#[derive(Debug, Args)]
#[command(after_help = "Example, for a monitoring system:\n  ficsync status --max-age 1h")]
pub struct StatusArgs {
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 when any resource's last success is older
    #[arg(long, value_name = "AGE", value_parser = parse::age)]
    pub max_age: Option<SignedDuration>,
}

/// Webhook events: what came, what became of it.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// List events, the newest first
    #[command(after_help = "Example:\n  ficsync events list --status failed --limit 5")]
    List {
        /// Only those with this status
        #[arg(long, value_name = "STATUS", value_parser = PossibleValuesParser::new(events::STATUSES))]
        status: Option<String>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Show all that is known of one event
    Show {
        /// The event's local id, the first column of the list
        id: i64,
    },
    /// Let failed events wait again, with all their attempts
    #[command(after_help = "Examples:\n  ficsync events retry 17 18\n  ficsync events retry --failed\n\n\
        The webhook listener takes them up within a second; without it, run: ficsync events drain")]
    #[group(required = true, multiple = false, id = "which")]
    Retry {
        /// Local ids of failed events
        #[arg(value_name = "ID", group = "which", num_args = 1..)]
        ids: Vec<i64>,
        /// All failed events
        #[arg(long, group = "which")]
        failed: bool,
    },
    /// Work off what is due now, without the webhook listener or beside it
    #[command(
        after_help = "Ends with 0 when nothing is due any more, with 1 when an event has failed for good. Events \
        that wait for a later attempt are not due; for those that wait for a token, a scope or a service that is down \
        the service is asked once whether they go now."
    )]
    Drain,
    /// Throw away done and ignored events; it happens by itself after 30 days
    #[command(after_help = "Example:\n  ficsync events prune --older-than 7d")]
    Prune {
        /// Processed longer ago than this
        #[arg(long, value_name = "AGE", value_parser = parse::age)]
        older_than: SignedDuration,
    },
}

/// `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ficsync doctor\n\n\
    Exits with 1 when a check fails. Asks the service one request per account and resource, and one more where there\n\
    are webhooks; changes nothing.")]
pub struct DoctorArgs {
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// The database file.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Print where it lies
    Path,
    /// Check that it is intact
    Check,
    /// Copy it, while others use it, into a new file
    #[command(after_help = "Example:\n  ficsync db backup /var/backups/ficsync.db")]
    Backup {
        /// The file to make; it must not exist
        file: PathBuf,
    },
}

/// What the service sends to the listener, and where to.
#[derive(Debug, Subcommand)]
pub enum SubscriptionsCommand {
    /// List what ficsync knows of
    List {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Take over what the service knows
    Sync {
        /// Show differences only, write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Make one for a group of events
    #[command(after_help = "Example:\n  \
        ficsync subscriptions create --account-id 1 --group entity --public-url https://hooks.example.it")]
    Create {
        /// The account
        #[arg(long, value_name = "N")]
        account_id: i64,
        /// The group of events
        #[arg(long, value_parser = PossibleValuesParser::new(resource::events::GROUPS))]
        group: String,
        /// Where the service is to send [default: made of --public-url, account and group]
        #[arg(long, value_name = "URL", value_parser = parse::public_url)]
        sink: Option<Url>,
        /// A single type instead of the group's; can be given several times
        #[arg(long = "event-type", value_name = "TYPE")]
        event_types: Vec<String>,
    },
    /// Make what is missing, verify what is not, mend what is wrong: for a daily timer
    #[command(after_help = "Example:\n  ficsync subscriptions ensure --public-url https://hooks.example.it\n\n\
        The listener must be running and reachable under its public URL: the service asks it at once.")]
    Ensure,
    /// Ask the service for another challenge (five in all, one in ten minutes)
    Verify {
        /// The service's id, such as SUB230
        id: String,
    },
    /// Delete one at the service, and here
    Delete {
        /// The service's id, such as SUB230
        id: String,
    },
}

impl Cli {
    /// What was typed. Ends the program where it is wrong, or where help was asked for.
    pub fn read() -> Self {
        let mut command = help::command();
        let typed = Self::from_arg_matches_mut(&mut command.get_matches_mut());
        typed.unwrap_or_else(|error| error.format(&mut command).exit())
    }

    /// The flags that are settings.
    pub fn flags(&self) -> Flags {
        let global = &self.global;
        let jobs = if let Command::Sync(args) = &self.command { args.jobs } else { None };
        Flags {
            config: global.config.clone(),
            db: global.db.clone(),
            api_url: global.api_url.clone(),
            listen: global.listen.clone(),
            workers: global.workers,
            public_url: global.public_url.clone(),
            timeout: global.timeout,
            jobs,
        }
    }
}
