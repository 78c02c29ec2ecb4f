//! Settings: flag, then environment, then file, then default, into one checked value.
//!
//! In: the flags that were typed, the environment, the configuration file. Out: [`Settings`]. The only reader of the
//! environment. A value that cannot be read ends the run with exit 78 and names the setting, its source and a valid
//! value; after start-up nothing fails because a setting is wrong.

pub mod parse;

use crate::clock::Clock;
use crate::exit::Exit;
use crate::report::Problem;
use crate::resource::{self, Resource};
use anyhow::Result;
use jiff::SignedDuration;
use parse::Listen;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Where the configuration file lies when none is named.
pub const DEFAULT_CONFIG: &str = "/etc/ficsync/config.toml";
const SERVER_FOLDER: &str = "/var/lib/ficsync";

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database file.
    pub db: PathBuf,
    /// Base of the service's API, without a slash at its end.
    pub api_url: Url,
    /// Where the webhook listener listens.
    pub listen: Listen,
    /// Worker threads of the listener.
    pub workers: usize,
    /// Accounts at work at the same time.
    pub jobs: usize,
    /// Public base URL under which the service reaches the listener.
    pub public_url: Option<Url>,
    /// The key that webhooks must be signed with: PEM, base64 of a PEM, or a path. `None`: the service's own.
    pub webhook_public_key: Option<Given>,
    /// A full walk older than this is repeated.
    pub full_every: SignedDuration,
    /// A wait that the service asks for is waited out up to this long.
    pub max_wait: Duration,
    /// How long one answer of the service may take to begin; its body has twice that, all of it four times.
    pub timeout: Duration,
    /// The resource types that `all` means.
    pub resources: Vec<&'static Resource>,
    /// Whether the settings name the resource types, so that none of them may be missing.
    pub resources_are_named: bool,
    /// How often lists are looked at, by the names of resource types; `*` is all others.
    pub every: Vec<(String, Option<SignedDuration>)>,
    /// Share of the month's quota that looks by themselves may use, 0 to 1.
    pub quota_share: f64,
    /// Where systemd passes credentials, when it does.
    pub credentials_directory: Option<PathBuf>,
    /// Where short-lived files of this process go: the folder that systemd made for them, else that of temporary files.
    pub runtime_directory: PathBuf,
    /// The time.
    pub clock: Clock,
}

/// A setting that is read where it is used, and where it was given, for the error.
#[derive(Debug, Clone)]
pub struct Given {
    /// As it was given.
    pub text: String,
    /// The environment's variable or the file.
    pub source: String,
}

/// What was typed. `None`: look further.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--db`
    pub db: Option<PathBuf>,
    /// `--api-url`
    pub api_url: Option<Url>,
    /// `--listen`
    pub listen: Option<Listen>,
    /// `--workers`
    pub workers: Option<usize>,
    /// `--jobs`
    pub jobs: Option<usize>,
    /// `--public-url`
    pub public_url: Option<Url>,
    /// `--timeout`
    pub timeout: Option<Duration>,
}

/// The keys of the configuration file.
const KEYS: &[&str] = &[
    "db",
    "api_url",
    "listen",
    "workers",
    "jobs",
    "public_url",
    "webhook_public_key",
    "timeout",
    "full_every",
    "max_wait",
    "resources",
    "quota_share",
    "every",
];

impl Settings {
    /// Puts the settings together. `env` looks a variable up; empty ones count as not set.
    ///
    /// # Errors
    /// A [`Problem`] with exit 78.
    pub fn load(flags: Flags, env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let file = File::read(flags.config.as_deref(), env("FICSYNC_CONFIG").as_deref())?;
        let sources = Sources { env: &env, file: &file };
        let db = sources.find(flags.db, "db", "FICSYNC_DB", parse::path)?;
        let shift = sources.find(None, "", "FICSYNC_CLOCK_SHIFT", parse::seconds)?.unwrap_or(0);
        Ok(Self {
            db: db.unwrap_or_else(|| default_db(&env)),
            api_url: sources
                .find(flags.api_url, "api_url", "FICSYNC_API_URL", parse::api_url)?
                .unwrap_or(parse::service()),
            listen: sources.find(flags.listen, "listen", "FICSYNC_LISTEN", parse::listen)?.unwrap_or_default(),
            workers: sources.find(flags.workers, "workers", "FICSYNC_WORKERS", parse::workers)?.unwrap_or(4),
            jobs: sources.find(flags.jobs, "jobs", "FICSYNC_JOBS", parse::jobs)?.unwrap_or(parse::JOBS),
            public_url: sources.find(flags.public_url, "public_url", "FICSYNC_PUBLIC_URL", parse::public_url)?,
            webhook_public_key: sources.given("webhook_public_key", "FICSYNC_WEBHOOK_PUBLIC_KEY")?,
            full_every: sources
                .find(None, "full_every", "", parse::age)?
                .unwrap_or(SignedDuration::from_hours(30 * 24)),
            max_wait: sources.find(None, "max_wait", "", parse::wait)?.unwrap_or(Duration::from_secs(60)),
            timeout: sources
                .find(flags.timeout, "timeout", "FICSYNC_TIMEOUT", parse::patience)?
                .unwrap_or(Duration::from_secs(30)),
            resources: sources.find(None, "resources", "", parse::resources)?.unwrap_or_else(resource::all),
            resources_are_named: sources.given("resources", "")?.is_some_and(|given| !given.text.contains('*')),
            every: file.every()?,
            quota_share: sources.find(None, "quota_share", "", parse::share)?.unwrap_or(0.4),
            credentials_directory: env("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            runtime_directory: runtime_directory(&env),
            clock: Clock::shifted(shift),
        })
    }
}

/// A variable of ours that is no text must not count as one that is not set.
///
/// # Errors
/// A [`Problem`] with exit 78.
pub fn refuse_unreadable(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<()> {
    for (name, value) in variables {
        let name = name.to_string_lossy();
        if (name.starts_with("FICSYNC_") || name == "RUST_LOG") && value.to_str().is_none() {
            let problem = Problem::new(Exit::Settings, format!("setting {name} (environment): it is not UTF-8"));
            return Err(problem.hint("give it as text, or unset it").into());
        }
    }
    Ok(())
}

/// The places below the flags.
struct Sources<'a> {
    env: &'a dyn Fn(&str) -> Option<String>,
    file: &'a File,
}

impl Sources<'_> {
    /// The first source that has the setting, read with `parse`. An empty key or name means: not there.
    fn find<T>(
        &self,
        flag: Option<T>,
        key: &str,
        variable: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>> {
        if flag.is_some() {
            return Ok(flag);
        }
        let Some(Given { text, source }) = self.given(key, variable)? else { return Ok(None) };
        let name = if key.is_empty() { variable } else { key };
        parse(&text).map(Some).map_err(|why| invalid(name, &source, &why))
    }

    /// The first source below the flags that has the setting, as it stands there.
    fn given(&self, key: &str, variable: &str) -> Result<Option<Given>> {
        if let Some(text) = Some(variable).filter(|v| !v.is_empty()).and_then(self.env) {
            return Ok(Some(Given { text, source: format!("environment, {variable}") }));
        }
        let text = self.file.get(key).transpose()?;
        Ok(text.map(|text| Given { text, source: self.file.source() }))
    }
}

fn invalid(setting: &str, source: &str, why: &str) -> anyhow::Error {
    Problem::new(Exit::Settings, format!("setting {setting} ({source}): {why}")).into()
}

/// The configuration file, its keys checked.
struct File {
    path: PathBuf,
    values: toml::Table,
}

impl File {
    /// Reads the named file, which must exist, or the default one, which need not.
    fn read(flag: Option<&Path>, env: Option<&str>) -> Result<Self> {
        let (path, source) = match (flag, env) {
            (Some(path), _) => (path.to_owned(), Some("--config")),
            (None, Some(path)) => (PathBuf::from(path), Some("FICSYNC_CONFIG")),
            (None, None) => (PathBuf::from(DEFAULT_CONFIG), None),
        };
        let text = match (std::fs::read_to_string(&path), source) {
            (Ok(text), _) => text,
            (Err(e), None) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            (Err(e), source) => {
                return Err(Problem::new(
                    Exit::Settings,
                    format!(
                        "could not read the configuration file {} ({}): {e}",
                        path.display(),
                        source.unwrap_or("the default one")
                    ),
                )
                .hint("name a file that exists and that this user may read")
                .into());
            }
        };
        let values: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            Problem::new(
                Exit::Settings,
                format!("the configuration file {} is not TOML: {}", path.display(), e.message()),
            )
            .hint("lines read like: workers = 4")
        })?;
        let file = Self { path, values };
        match file.values.keys().find(|key| !KEYS.contains(&key.as_str())) {
            Some(key) => {
                Err(invalid(key, &file.source(), &format!("there is no such setting; valid are {}", KEYS.join(", "))))
            }
            None => Ok(file),
        }
    }

    /// The table `[every]`: how often which resource types are looked at. Nothing stands for `auto`.
    fn every(&self) -> Result<Vec<(String, Option<SignedDuration>)>> {
        let Some(value) = self.values.get("every") else { return Ok(Vec::new()) };
        let wrong = |name: &str, why: &str| invalid(&format!("every.{name}"), &self.source(), why);
        let table = value.as_table().ok_or_else(|| {
            invalid(
                "every",
                &self.source(),
                "it is a table; valid is, for example: [every] and below it invoices = \"10m\"",
            )
        })?;
        let one = |(name, value): (&String, &toml::Value)| {
            if name != "*" && !resource::names().contains(&name.as_str()) {
                return Err(wrong(
                    name,
                    &format!("there is no such resource; valid are *, {}", resource::names().join(", ")),
                ));
            }
            let text = value.as_str().ok_or_else(|| wrong(name, "a text is wanted, such as \"10m\" or \"auto\""))?;
            Ok((name.clone(), parse::every(text).map_err(|why| wrong(name, &why))?))
        };
        table.iter().map(one).collect()
    }

    fn source(&self) -> String {
        format!("file {}", self.path.display())
    }

    /// The value of a key as text, as it would stand in a flag.
    fn get(&self, key: &str) -> Option<Result<String>> {
        let as_text = |value: &toml::Value| match value {
            toml::Value::String(text) => Some(text.clone()),
            toml::Value::Integer(n) => Some(n.to_string()),
            toml::Value::Float(x) => Some(x.to_string()),
            _ => None,
        };
        let value = self.values.get(key)?;
        let text = match value {
            toml::Value::Array(list) => list.iter().map(as_text).collect::<Option<Vec<_>>>().map(|all| all.join(",")),
            other => as_text(other),
        };
        Some(text.ok_or_else(|| invalid(key, &self.source(), "a text, a number or a list of texts is wanted")))
    }
}

/// The server's folder when this user may write there, else the user's own data folder.
fn default_db(env: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let server = Path::new(SERVER_FOLDER);
    if server.is_dir() && rustix::fs::access(server, rustix::fs::Access::WRITE_OK).is_ok() {
        return server.join("ficsync.db");
    }
    // cron and systemd may set no HOME: the user's entry in the system's list then says it.
    let home = || env("HOME").map(PathBuf::from).or_else(std::env::home_dir).map(|home| home.join(".local/share"));
    let data = env("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
    data.unwrap_or_else(|| PathBuf::from(".")).join("ficsync/ficsync.db")
}

/// systemd names several folders with colons between them; the first is ours.
fn runtime_directory(env: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let of_systemd = env("RUNTIME_DIRECTORY").and_then(|all| all.split(':').next().map(str::to_owned));
    PathBuf::from(of_systemd.or_else(|| env("TMPDIR")).unwrap_or_else(|| "/tmp".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn load(flags: Flags, env: &[(&str, &str)]) -> Result<Settings> {
        let env: HashMap<String, String> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings::load(flags, &|name| env.get(name).cloned())
    }

    fn file(text: &str) -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("config.toml");
        std::fs::write(&path, text).expect("file");
        (dir, path.display().to_string())
    }

    #[test]
    fn flag_goes_before_environment_before_file_before_default() {
        let (_dir, path) =
            file("workers = 2\njobs = 2\nlisten = '127.0.0.1:1'\nfull_every = '7d'\nresources = ['quotes']");
        let env = [("FICSYNC_CONFIG", path.as_str()), ("FICSYNC_WORKERS", "3"), ("FICSYNC_JOBS", "32")];
        let settings = load(Flags::default(), &env).expect("settings");
        assert_eq!((settings.workers, settings.listen.to_string()), (3, "127.0.0.1:1".to_owned()));
        assert_eq!(settings.jobs, 32);
        assert_eq!(settings.full_every, SignedDuration::from_hours(7 * 24));
        assert_eq!(settings.resources, [resource::by_name("quotes").expect("quotes")]);
        let flags = Flags { workers: Some(9), jobs: Some(1), ..Flags::default() };
        let settings = load(flags, &env).expect("settings");
        assert_eq!((settings.workers, settings.jobs, settings.timeout.as_secs()), (9, 1, 30));
        assert_eq!(load(Flags::default(), &[]).expect("settings").jobs, 8);
    }

    #[test]
    fn what_cannot_be_read_names_setting_source_and_a_valid_value() {
        for (text, words) in [
            ("workers = 'many'", &["workers", "config.toml", "4"][..]),
            ("wrokers = 4", &["wrokers", "config.toml", "workers"]),
            ("jobs = 0", &["jobs", "config.toml", "1 to 64", "8"]),
            ("jobs = 65", &["jobs", "config.toml", "1 to 64", "8"]),
            ("resources = ['cats']", &["resources", "cats", "clients"]),
            ("full_every = 'soon'", &["full_every", "90d"]),
            ("max_wait = true", &["max_wait"]),
            ("a = [", &["config.toml", "TOML"]),
        ] {
            let (_dir, path) = file(text);
            let error = load(Flags::default(), &[("FICSYNC_CONFIG", &path)]).expect_err(text);
            let line = crate::report::one_line(&error);
            assert!(words.iter().all(|w| line.contains(w)), "{text}: {line}");
            assert_eq!(crate::report::exit_of(&error), Exit::Settings, "{text}");
        }
        let error = load(Flags::default(), &[("FICSYNC_API_URL", "http://example.com")]).expect_err("plain http");
        assert!(crate::report::one_line(&error).contains("FICSYNC_API_URL"));
        let error = load(Flags::default(), &[("FICSYNC_CONFIG", "/nowhere/x.toml")]).expect_err("missing");
        assert_eq!(crate::report::exit_of(&error), Exit::Settings);
    }
}
