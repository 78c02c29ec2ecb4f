//! The paths of the sinks: `/api/webhooks/fic/{account_id}/{event_group}`.
//!
//! In: a request's target. Out: the account and the group that it names. Whether there is such
//! an account is not known here.

use super::gate::EVENT_PATH;
use crate::resource::events::GROUPS;
use url::Url;

/// A sink of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The local id of the account.
    pub account_id: i64,
    /// One of [`GROUPS`].
    pub group: &'static str,
}

impl Route {
    /// The sink that a target names. A query and one slash at the end are passed over; anything
    /// else that is not exactly the path we hand out is no sink, so that each has one address.
    pub fn parse(target: &str) -> Option<Route> {
        let path = target.split('?').next()?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let (account, name) = path.strip_prefix(EVENT_PATH)?.split_once('/')?;
        let account_id = account.parse().ok().filter(|id: &i64| *id > 0)?;
        let group = GROUPS.iter().find(|group| **group == name)?;
        // `+1` and `01` are numbers too
        (account_id.to_string() == account).then_some(Route { account_id, group })
    }

    /// The path, to be put behind the public base URL.
    pub fn path(self) -> String {
        format!("{EVENT_PATH}{}/{}", self.account_id, self.group)
    }

    /// The sink that the service is told: the path behind the public base URL.
    pub fn sink(self, public_url: &Url) -> String {
        format!("{}{}", public_url.as_str().trim_end_matches('/'), self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sink_is_found_by_its_own_path() {
        for group in GROUPS.iter().copied() {
            for account_id in [1, 42, i64::MAX] {
                let route = Route { account_id, group };
                let path = route.path();
                assert_eq!(Route::parse(&path), Some(route), "{path}");
                assert_eq!(Route::parse(&format!("{path}/")), Some(route));
                assert_eq!(Route::parse(&format!("{path}?a=b/c?d")), Some(route));
            }
        }
    }

    #[test]
    fn sinks_stand_behind_the_public_url() {
        let route = Route { account_id: 7, group: "entity" };
        for base in ["https://h.it", "https://h.it/", "https://h.it/a", "https://h.it:8443/a//"] {
            let sink = route.sink(&Url::parse(base).expect("a URL"));
            assert_eq!(sink, format!("{}/api/webhooks/fic/7/entity", base.trim_end_matches('/')));
        }
    }

    #[test]
    fn nothing_else_is_a_sink() {
        for target in [
            "",
            "/",
            "/healthz",
            "/api/webhooks/fic",
            "/api/webhooks/fic/",
            "/api/webhooks/fic/1",
            "/api/webhooks/fic/1/",
            "/api/webhooks/fic/1/?entity",
            "/api/webhooks/fic/1/entity//",
            "/api/webhooks/fic/1/entity/x",
            "/api/webhooks/fic/1//entity",
            "/api/webhooks/fic//1/entity",
            "//api/webhooks/fic/1/entity",
            "/x/api/webhooks/fic/1/entity",
            "/api/webhooks/fic/1/../2/entity",
            "/api/webhooks/fic/1/Entity",
            "/api/webhooks/fic/1/entities",
            "/api/webhooks/fic/1/entit%79",
            "/api/webhooks/fic/1/entity%00",
            "/api/webhooks/fic/1/entity;x",
            "/api/webhooks/fic/1/entity#x",
            "/api/webhooks/fic/0/entity",
            "/api/webhooks/fic/-1/entity",
            "/api/webhooks/fic/+1/entity",
            "/api/webhooks/fic/01/entity",
            "/api/webhooks/fic/1.0/entity",
            "/api/webhooks/fic/9223372036854775808/entity",
            "/api/webhooks/fic/x/entity",
        ] {
            assert_eq!(Route::parse(target), None, "{target}");
        }
    }
}
