//! A request for a company's data, with who asks, and the checks that every path makes of it. In: request and grant.
//! Out: values, or refusals that say what the vendor's description does not allow.

use crate::answer::{self, Refusal};
use crate::auth::Grant;
use crate::faults::Fault;
use crate::http::Incoming;
use crate::quirks::Quirk;
use crate::resource::Resource;

/// A request for a company's data.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Incoming,
    pub(crate) grant: &'a Grant,
    pub(crate) company: i64,
    /// The lie that the answer is to tell.
    pub(crate) fault: Option<&'a Fault>,
}

impl Asked<'_> {
    /// The value of a parameter.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Only GET, with these parameters and no other, each once.
    pub(crate) fn get(&self, known: &[&str]) -> Result<(), Refusal> {
        if self.request.method != "GET" {
            return Err(wrong_verb(self.request));
        }
        check_names(&self.request.query, |name| known.contains(&name))
    }

    /// No parameter at all.
    pub(crate) fn no_query(&self) -> Result<(), Refusal> {
        check_names(&self.request.query, |_| false)
    }

    /// A parameter that must be there and have one of these values.
    pub(crate) fn one_of(&self, name: &str, allowed: &[&str]) -> Result<&str, Refusal> {
        match self.given(name).filter(|value| allowed.contains(value)) {
            Some(value) => Ok(value),
            None => Err(Refusal::invalid(name, format!("{name} is {:?}", self.given(name)))),
        }
    }

    /// A parameter that may be left out, but has one of these values.
    pub(crate) fn maybe_one_of(&self, name: &str, allowed: &[&str]) -> Result<Option<&str>, Refusal> {
        self.given(name).map(|_| self.one_of(name, allowed)).transpose()
    }

    /// The token must be allowed to read this.
    pub(crate) fn need(&self, scope: Option<&str>) -> Result<(), Refusal> {
        match scope.filter(|scope| !self.grant.allows(scope)) {
            Some(scope) => Err(Refusal::innocent(answer::no_permission(&format!("{scope}:r")))),
            None => Ok(()),
        }
    }

    /// The same for a list, with the scope that a quirk demands besides.
    pub(crate) fn need_list(&self, resource: &Resource, quirks: &[Quirk]) -> Result<(), Refusal> {
        if !resource.open_to(self.grant) {
            self.need(resource.scope)?;
        }
        let more = quirks.iter().find_map(|quirk| match quirk {
            Quirk::NeedsScope(list, scope) if *list == resource.name => Some(*scope),
            _ => None,
        });
        self.need(more)
    }
}

/// Each parameter is known and given once.
pub(crate) fn check_names(query: &[(String, String)], known: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    for (place, (name, _)) in query.iter().enumerate() {
        if !known(name) {
            return Err(Refusal::invalid(name, format!("unknown parameter {name:?}")));
        }
        if query[..place].iter().any(|(earlier, _)| earlier == name) {
            return Err(Refusal::invalid(name, format!("parameter {name:?} given twice")));
        }
    }
    Ok(())
}

/// 404, and the client's mistake.
pub(crate) fn unknown(request: &Incoming) -> Refusal {
    Refusal::mistake(answer::not_found("Not found."), format!("unknown path {}", request.path))
}

/// 405, and the client's mistake.
pub(crate) fn wrong_verb(request: &Incoming) -> Refusal {
    let reply = answer::failure(405, "Method not allowed.", "METHOD_NOT_ALLOWED");
    Refusal::mistake(reply, format!("{} is not for this path", request.method))
}

/// 404 for a record that is not there.
pub(crate) fn no_record() -> Refusal {
    Refusal::innocent(answer::not_found("No record has this id."))
}
