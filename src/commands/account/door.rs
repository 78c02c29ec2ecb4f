//! The door that the browser is sent to: an address on this machine that leads on to the service's page.
//!
//! A browser is opened with its address as an argument, which every user of the machine can read in the list of processes.
//! The address of the service's page holds the `state` of the login, so the browser gets another one, and only a program
//! of our own user is led on from there. In: that page's address. Out: the door's, and the way on.

/// What stands before the paths of the listener for a login.
const ORIGIN: &str = "http://127.0.0.1:8788";

/// A door.
#[derive(Debug)]
pub struct Door {
    path: String,
    leads_to: String,
}

impl Door {
    /// A door to `leads_to`. `name` is nothing secret, but no page in the browser can guess it.
    pub fn new(name: &str, leads_to: &str) -> Self {
        Self { path: format!("/open/{name}"), leads_to: leads_to.to_owned() }
    }

    /// What the browser is opened with.
    pub fn address(&self) -> String {
        format!("{ORIGIN}{}", self.path)
    }

    /// Where a request for `target` is led to.
    pub fn way(&self, target: &str) -> Option<&str> {
        (target == self.path).then_some(&self.leads_to)
    }
}
