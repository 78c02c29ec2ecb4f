//! `webhook-listen`: the listener and its workers, until a signal, or until a part of them has ended.
//!
//! In: the settings. Out: exit 0 within 10 s of SIGTERM or SIGINT; 1 when something has ended that must not, so that
//! systemd starts the listener again. How events are taken is `crate::webhook`'s, how they are worked on the workers'.

mod supervise;
mod workers;

use std::time::{Duration, Instant};

use anyhow::Result;
use crossbeam_channel::bounded;

use crate::exit::Exit;
use crate::report::{Problem, one_line};
use crate::settings::Settings;
use crate::settings::parse::Listen;
use crate::shutdown::Shutdown;
use crate::store::{Cache, Store};
use crate::webhook::listening::{Listening, Setup};
use crate::webhook::public::{self, Public};
use crate::webhook::verify::{SERVICE_ISSUER, SERVICE_KEY, Verifier, key_from_setting};
use workers::Workers;

/// How long requests that have begun to arrive may go on. A quarter of a second is added by the gate.
const GRACE: Duration = Duration::from_secs(3);
/// After this long what is not finished is left; the process must be gone after 10 s.
const STOP: Duration = Duration::from_secs(8);

/// Runs `webhook-listen`.
///
/// # Errors
/// When it cannot start, or a part of it has ended.
pub fn run(settings: &Settings) -> Result<Exit> {
    let verifier = verifier(settings)?;
    let public = public::open(&settings.listen)?;
    let shutdown = Shutdown::on_signals()?;
    let store = Store::open(&settings.db, settings.clock)?.with_cache(Cache::Small)?;
    let address = public::from_here(&public.address);
    let place = place(&public);
    let (bell, rung) = bounded(1);
    let workers = Workers::start(settings, rung)?;
    let setup = Setup {
        folder: settings.runtime_directory.clone(),
        verifier,
        public_url: settings.public_url.clone(),
        bell,
        parts: vec![workers.part()],
        sources: vec![workers.numbers()],
    };
    let listening = Listening::start(public, &store, setup)?;
    let line = announce(settings, &store, &place, &listening)?;
    let end = supervise::until_stopped(&listening, &address, &line, &shutdown);
    let by = Instant::now() + STOP;
    // both have the same time, and neither needs the other any more
    workers.begin_to_stop();
    if !listening.stop(GRACE, by) {
        log::warn!("stopped while the database was busy; what was not stored was answered with 503 and comes again");
    }
    workers.stop(by)?;
    end.map(|()| Exit::Done)
}

/// The key is checked at the start, so that later only a wrong one, never a broken one, refuses the service.
///
/// # Errors
/// Exit 78 when the setting gives no key.
pub fn verifier(settings: &Settings) -> Result<Verifier> {
    let given = settings.webhook_public_key.as_ref();
    let text = given.map_or(SERVICE_KEY, |given| given.text.as_str());
    key_from_setting(text).and_then(|pem| Verifier::new(&pem, SERVICE_ISSUER)).map_err(|error| {
        let (why, source) = (one_line(&error), given.map_or("built in", |given| given.source.as_str()));
        Problem::new(Exit::Settings, format!("setting webhook_public_key ({source}): {why}"))
            .hint("leave it out for the service's own key, or give a PEM, its base64, or a file's path")
            .into()
    })
}

fn place(public: &Public) -> String {
    match public.passed {
        true => format!("{} (passed by systemd)", public.address),
        false => public.address.to_string(),
    }
}

/// One line that says what is listened for, and a warning when nothing can be.
fn announce(settings: &Settings, store: &Store, place: &str, listening: &Listening) -> Result<String> {
    let accounts = store.accounts()?.len();
    let sinks = listening.sinks().len();
    let below = match &settings.public_url {
        Some(url) => format!("sinks below {}", url.as_str().trim_end_matches('/')),
        None => "no public URL".to_owned(),
    };
    let line = format!("listening for webhooks on {place}; {accounts} accounts; {below}; {sinks} subscribed sinks");
    log::info!("{line}");
    if settings.public_url.is_none() && sinks == 0 {
        log::warn!("no sink is known, so that every event is put off with 503: set --public-url");
    }
    if matches!(&settings.listen, Listen::Tcp(address) if !address.ip().is_loopback()) {
        log::warn!("the service sends only to https: a reverse proxy with TLS is to stand before {place}");
    }
    Ok(line)
}
