//! The handle that tests hold: starts and stops the sandbox, its companies and credentials. Records are in
//! `handle/records.rs`, what happens to them beyond create, update and delete in `handle/happenings.rs`, clock, quotas,
//! faults and the journal in `handle/conditions.rs`, webhooks in `hooks.rs`. Each method takes the lock for a moment.

mod conditions;
mod happenings;
mod records;

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crate::auth::Grant;
use crate::core::Core;
use crate::http;
use crate::sender;
use crate::state::State;
use crate::{COMPANY, TOKEN};

/// A running sandbox. Clones share it; the server stops when the last is dropped.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) core: Arc<Core>,
    /// None in the handles that closures and control requests get.
    _server: Option<Arc<Server>>,
}

struct Server {
    core: Arc<Core>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.core.stop();
        // The port is free only when the accepting thread has ended. A closure that drops the last handle runs
        // on a connection's thread, never on that one.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Starting and stopping.
impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1, with the company [`COMPANY`] and the token [`TOKEN`].
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start(seed: u64) -> Sandbox {
        match Sandbox::start_on(0, seed) {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("the sandbox cannot listen: {error}"),
        }
    }

    /// Starts a sandbox on a port of 127.0.0.1; 0 takes a free one.
    pub fn start_on(port: u16, seed: u64) -> std::io::Result<Sandbox> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let mut state = State::new(seed, format!("http://{address}"));
        state.add_company(COMPANY, "Rossi S.r.l.");
        let grant = Grant { companies: vec![COMPANY], scopes: owned(&["*"]), client: None };
        state.auth.add_manual(TOKEN, grant);
        let core = Core::new(address, state);
        let serving = Arc::clone(&core);
        let thread = Some(thread::spawn(move || http::serve(&listener, &serving)));
        let sending = Arc::clone(&core);
        thread::spawn(move || sender::run(&sending));
        let server = Server { core: Arc::clone(&core), thread };
        Ok(Sandbox { core, _server: Some(Arc::new(server)) })
    }

    /// Records that are made from now on have their files below this base instead of the sandbox's own, as where a
    /// proxy with TLS is before it, or nowhere.
    pub fn set_link_base(&self, base: &str) {
        base.trim_end_matches('/').clone_into(&mut self.core.state().base);
    }

    /// A handle that does not keep the server running.
    pub(crate) fn borrowed(core: Arc<Core>) -> Sandbox {
        Sandbox { core, _server: None }
    }

    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.core.address)
    }
}

/// Companies and credentials.
impl Sandbox {
    /// Adds an empty company.
    pub fn add_company(&self, id: i64, name: &str) {
        self.core.state().add_company(id, name);
    }

    /// The ids of all companies.
    pub fn companies(&self) -> Vec<i64> {
        self.core.state().companies.keys().copied().collect()
    }

    /// A new manual token. The scope `*` stands for all.
    pub fn issue_token(&self, companies: &[i64], scopes: &[&str]) -> String {
        let mut state = self.core.state();
        let token = state.auth.name('a');
        state.auth.add_manual(&token, Grant { companies: companies.to_vec(), scopes: owned(scopes), client: None });
        token
    }

    /// Gives a token other scopes.
    ///
    /// # Panics
    /// When there is no such token.
    pub fn set_scopes(&self, token: &str, scopes: &[&str]) {
        assert!(self.core.state().auth.set_scopes(token, &owned(scopes)), "the sandbox has no token {token}");
    }

    /// Makes an OAuth app known.
    pub fn register_client(&self, id: &str, secret: &str) {
        self.core.state().auth.register_client(id, secret);
    }

    /// An access and a refresh token of an app, which becomes known with them.
    pub fn issue_oauth(&self, client: &str, secret: &str, companies: &[i64], scopes: &[&str]) -> (String, String) {
        let mut state = self.core.state();
        state.auth.register_client(client, secret);
        let now = state.clock.seconds();
        let grant = Grant { companies: companies.to_vec(), scopes: owned(scopes), client: Some(client.to_owned()) };
        let pair = state.auth.issue_pair(grant, now);
        (pair.access, pair.refresh)
    }

    /// Ends all access tokens that OAuth issued.
    pub fn expire_access_tokens(&self) {
        self.core.state().auth.expire_access_tokens();
    }

    /// Ends all refresh tokens.
    pub fn revoke_refresh_tokens(&self) {
        self.core.state().auth.revoke_refresh_tokens();
    }

    /// Ends one token, manual ones too.
    pub fn expire_token(&self, token: &str) {
        self.core.state().auth.expire(token);
    }
}
